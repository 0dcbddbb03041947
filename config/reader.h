// From the tree of a file to a Config, as schema.h says. Everything that concerns one value alone is checked
// here.
#pragma once

#include <filesystem>

#include "config/config.h"
#include "config/document.h"
#include "config/problem.h"

namespace causeway::config {

// Reads all that can be read; what cannot is in `problems`. Relative key files are looked up in `folder`.
// Returns where the first key stands that is written into the file itself; line 0 if none is.
Location read_config(const YamlNode& root, const std::filesystem::path& folder, Problems& problems,
                     Config& out);

// One of them alone, as the API is given it. Keys stand in it: it names no files of this machine.
void read_transport(const YamlNode& root, Problems& problems, Transport& out);
void read_track(const YamlNode& root, Problems& problems, Track& out);
void read_leg(const YamlNode& root, Problems& problems, Leg& out);

// The same for a file of signatures.
void read_signature_file(const YamlNode& root, Problems& problems, SignatureFile& out);

}  // namespace causeway::config
