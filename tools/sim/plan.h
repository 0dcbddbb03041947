// A run of the simulator as values: the world, and what is done to it when. From a scenario file or from a
// seed; a plan written out is a scenario file, and the other way round.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/timers.h"
#include "control/wire/ids.h"

namespace causeway::sim {

using control::TimeUs;  // of the simulated world, from 0

// What can be done to the world. Where two sites are meant, "all" stands for every other one.
enum class ActionKind : std::uint8_t {
  cut,           // sites a and b hear each other no longer (b: one site, or all others)
  cut_one_way,   // what a sends to b is lost
  cut_flow,      // likewise, one source port of the pair only, both ways
  heal,          // ends every cut between a and b
  loss,          // value: percent of datagrams and packets lost between a and b, both ways; 0 ends it
  delay,         // value: factor in percent of the usual delay between a and b (1000: ten times)
  duplicate,     // value: percent that arrive twice
  reorder,       // value: percent that are late by up to 200 ms more
  stall,         // a node's control thread stands still for value ms; its data plane goes on
  clock_step,    // a node's clock jumps by value ms (negative: back)
  restart,       // a node dies and comes back after value ms, with what is on its disk
  restart_all,   // all nodes at once, back after value ms
  freeze_media,  // a node's data plane forwards nothing any more, its beats go on
  thaw_media,
  lose_directory,  // a node forgets what others announced
  lie_directory,   // a node announces a track that it does not have
  lose_watermark,  // a node's disk is lost: its next start begins at stamp 0. Outside of what is promised
  publish,         // a node becomes the origin of a track
  unpublish,
  move,       // the track's publisher leaves its node and publishes at node a; value: ms in between
  subscribe,  // a node gets a local subscriber of a track
  unsubscribe,
  arbiter_down,  // the arbiter cannot be reached
  arbiter_up,
};

struct Action {
  TimeUs at_us = 0;
  ActionKind kind{};
  int a = -1;  // a site, or a node where one is meant
  int b = -1;  // a site; -1: all others
  std::int64_t value = 0;
  std::string track;  // its name
};

struct Network {
  // One-way delay between two sites: base_us, or what delays_us says, and jitter_us at most on top.
  TimeUs base_us = 40000;
  TimeUs jitter_us = 2000;
  TimeUs inside_site_us = 200;
  std::vector<std::vector<TimeUs>> delays_us;  // by site and site; empty: base_us everywhere
  std::uint32_t loss_ppm = 0;
};

struct Plan {
  std::string name;
  std::uint64_t seed = 1;  // of everything that is random
  std::vector<std::string> sites;
  unsigned nodes_per_site = 1;  // node n stands in site n / nodes_per_site
  TimeUs length_us = 0;
  TimeUs clock_starts_us = 0;  // time of day at 0, for the timeline
  bool has_arbiter = true;
  Network network;
  config::Heartbeat heartbeat;
  config::Isolation isolation;
  config::Relaying relay;
  config::DirectoryTimers directory;
  std::vector<Action> actions;  // by time
};

}  // namespace causeway::sim
