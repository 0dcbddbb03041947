// The configuration's documentation, from the schema that the loader reads by.
#pragma once

#include <string>

namespace causeway::config {

// docs/config.md: every key in tables.
std::string reference_markdown();

// docs/config.schema.json: JSON Schema, draft 2020-12, for editors and for checks of generated files.
std::string json_schema();

}  // namespace causeway::config
