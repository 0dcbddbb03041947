// A track's label on the wire.
#pragma once

#include "control/wire/bytes.h"
#include "control/wire/ids.h"
#include "dataplane/relay/label.h"

namespace causeway::control {

using causeway::below;
using causeway::is_better;
using causeway::Label;

// A stamp that is further above all others than this is a lie: no origin can have issued so many.
inline constexpr Stamp kMaxStampJump = Stamp{1} << 40;

namespace wire {
inline void write(Writer& writer, const Label& label) {
  writer.u64(label.stamp);
  writer.u8(label.origin);
  writer.u8(label.depth);
}
inline Label read_label(Reader& reader) {
  Label label;
  label.stamp = reader.u64();
  label.origin = reader.u8();
  label.depth = reader.u8();
  return label;
}
}  // namespace wire

}  // namespace causeway::control
