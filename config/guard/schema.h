// The one description of a file of signatures, as config/schema.h is that of the configuration.
#pragma once

#include "config/schema.h"
#include "dataplane/guard/signature.h"

namespace causeway::config {

template <Is<WrittenSignature> S, class Visitor>
void fields(S& signature, Visitor&& visit) {
  visit(Field{.key = "name", .help = "Unique in the whole set.", .required = true, .text = kName},
        signature.name);
  visit(Field{.key = "class", .help = "The drop under which it counts, without `guard_`.", .required = true},
        signature.drop);
  visit(Field{.key = "pattern",
              .help = "PCRE as Hyperscan takes it, over the UDP payload. `.` is any byte.",
              .required = true,
              .text = {.shortest = 1, .longest = guard::kMaxPatternLength, .any = true}},
        signature.pattern);
  visit(
      Field{.key = "flags", .help = "`i`: capitals and small letters are the same.", .default_note = "none"},
      signature.flags);
  visit(Field{.key = "source_port", .help = "Only from this UDP port.", .min = 1, .default_note = "any"},
        signature.source_port);
  visit(Field{.key = "destination_port", .help = "Only to this UDP port.", .min = 1, .default_note = "any"},
        signature.destination_port);
  visit(Field{.key = "min_length", .help = "Only if the payload is as long.", .unit = "bytes"},
        signature.min_length);
}

template <Is<SignatureFile> S, class Visitor>
void fields(S& file, Visitor&& visit) {
  visit(Field{.key = "signatures",
              .help = "In the order in which they count.",
              .required = true,
              .max_items = guard::kMaxSignatures},
        file.signatures);
}

}  // namespace causeway::config
