// Where in the file something was said.
#pragma once

namespace causeway::config {

// Line and column count from 1; 0 means "nowhere" (a default).
struct Location {
  int line = 0;
  int column = 0;
};

}  // namespace causeway::config
