// The keys of the fleet: which nodes there are, and how they know each other. See schema.h.
#pragma once

#include "config/config.h"
#include "config/field.h"
#include "config/text.h"

namespace causeway::config {

template <Is<FleetNode> S, class Visitor>
void fields(S& node, Visitor&& visit) {
  visit(Field{.key = "id",
              .help = "Its number, from 0 without gaps, the same in all configurations: in messages nodes "
                      "are known by it.",
              .required = true,
              .max = 127},
        node.id);
  visit(Field{.key = "name", .help = "Unique.", .required = true, .text = kName}, node.name);
  visit(Field{.key = "site", .help = "One of `sites`.", .required = true, .text = kName}, node.site);
  visit(Field{.key = "endpoint",
              .help = "Where its peers reach it: an address of one of its ports, and the first of "
                      "`heartbeat.flows` UDP ports outside its `media.port_range`.",
              .required = true},
        node.endpoint);
}

template <Is<Fleet> S, class Visitor>
void fields(S& fleet, Visitor&& visit) {
  visit(Field{.key = "nodes",
              .help = "All nodes, this one included. None: this appliance is alone, and relays nothing.",
              .max_items = 128},
        fleet.nodes);
  const auto file = [](std::string_view key, std::string_view help) {
    return Field{.key = key, .help = help, .text = {.longest = 1024, .any = true}};
  };
  visit(file("certificate_file",
             "PEM file of this node's certificate, whose subject alternative name is the node's name, and "
             "those between it and the CA. Names of files are relative to the configuration's folder."),
        fleet.certificate_file);
  visit(file("private_key_file", "PEM file of its private key. Only its owner may have access."),
        fleet.private_key_file);
  visit(file("ca_file",
             "PEM file of the fleet's own CA: whoever has a certificate of it is a node of the fleet."),
        fleet.ca_file);
  visit(Field{.key = "rekey_hours",
              .help = "Between two handshakes of a pair of nodes, each of which gives it new keys.",
              .unit = "h",
              .min = 1,
              .max = 720},
        fleet.rekey_hours);
  visit(
      file("key_file",
           "Instead of certificates: file whose only line is a secret of the whole fleet, base64 of 32 bytes "
           "(`openssl rand -base64 32`). Only its owner may have access. Who has it can be any node."),
      fleet.key_file);
  visit(Field{.key = "state_folder",
              .help = "Folder for what must survive a restart: the node's boot number and its watermark. On "
                      "a disk, not in memory.",
              .text = {.shortest = 1, .longest = 1024, .any = true}},
        fleet.state_folder);
  visit(Field{.key = "journal_mb",
              .help = "How much of the event journal is kept in `state_folder` (NODE.journal and, older, "
                      "NODE.journal.old, of half of it each). 0: none.",
              .unit = "MiB",
              .max = 65536},
        fleet.journal_mb);
}

}  // namespace causeway::config
