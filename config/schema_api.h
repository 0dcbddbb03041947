// The keys of `api`.
#pragma once

#include "config/config.h"
#include "config/field.h"

namespace causeway::config {

template <Is<Api> S, class Visitor>
void fields(S& api, Visitor&& visit) {
  visit(Field{.key = "listen",
              .help = "Unix socket of the API, for its owner and group (mode 0660). Its folder is made; a "
                      "socket that "
                      "nobody serves is replaced. Empty: none. Where `eal.file_prefix` is another one, the "
                      "default is "
                      "in `/run/` and that folder.",
              .text = {.shortest = 0, .longest = 107, .any = true}},
        api.listen);
  visit(
      Field{.key = "tcp",
            .help =
                "Address of the API on the network of the machine, not of `ports`. It is plain HTTP: for the "
                "loopback interface, or a network that nobody else can listen to. Needs `token_file`.",
            .default_note = "none"},
      api.tcp);
  visit(Field{.key = "token_file",
              .help = "File that holds the token of clients at `tcp` as its only line (16 to 512 "
                      "characters), relative "
                      "to the configuration's folder. Only its owner (root, or who runs the appliance) may "
                      "have access.",
              .text = {.shortest = 0, .longest = 1024, .any = true}},
        api.token_file);
}

}  // namespace causeway::config
