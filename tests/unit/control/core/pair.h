// Cores that hear each other without delay, one turn after the other.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/core/core.h"

namespace causeway::control::test {

class Group {
 public:
  explicit Group(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      settings_.membership.site_of.push_back(static_cast<SiteId>(i));
      settings_.names.push_back("n" + std::to_string(i));
    }
    nodes_.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      start(static_cast<NodeId>(i));
  }

  // Anew, with what is on its disk.
  void start(NodeId node) {
    Node& made = nodes_[node];
    settings_.self = node;
    settings_.boot = ++made.boot;
    settings_.watermark = made.disk;
    settings_.seed = node + 1U;
    made.core = std::make_unique<Core>(settings_, now_us, made.effects);
    carry_out(node);
  }

  Core& core(NodeId node) { return *nodes_[node].core; }
  Effects& effects(NodeId node) { return nodes_[node].effects; }
  const std::vector<Effects::Received>& received(NodeId node) const { return nodes_[node].received; }
  const Journal& journal(NodeId node) const { return nodes_[node].journal; }

  void step_back(NodeId node, TimeUs us) { nodes_[node].behind_us += us; }

  // visit(Core&, Effects&), and what it causes.
  template <class Visit>
  void tell(NodeId node, Visit&& visit) {
    visit(core(node), effects(node));
    carry_out(node);
  }

  void run(TimeUs us) {
    for (const TimeUs end_us = now_us + us; now_us < end_us;) {
      now_us += 5'000;
      for (NodeId node = 0; node < nodes_.size(); ++node) {
        if (now_us % 100'000 == 0) send_media(node);
        if (core(node).next_due_us() <= clock(node))
          tell(node, [&](Core& core, Effects& effects) { core.tick(clock(node), effects); });
      }
    }
  }

  TimeUs now_us = 1'000'000;
  TrackKey track = track_key("keynote");
  std::vector<std::uint8_t> last_frame;  // that anybody sent
  NodeId last_from = kNoNode;

 private:
  struct Node {
    std::unique_ptr<Core> core;
    Effects effects;
    Journal journal;
    std::vector<Effects::Received> received;
    BootId boot = 0;
    Stamp disk = 0;
    TimeUs behind_us = 0;  // its clock
  };
  TimeUs clock(NodeId node) const { return now_us - nodes_[node].behind_us; }

  void send_media(NodeId node) {
    const RelayView view = core(node).relay(track);
    if (!view.is_fed) return;
    for (const NodeId leg : view.legs) {
      tell(leg, [&](Core& core, Effects& effects) {
        core.on_media(track, node, view.label, clock(leg), clock(leg), effects);
      });
    }
  }

  void carry_out(NodeId node) {
    Effects effects = std::move(nodes_[node].effects);
    nodes_[node].effects = {};
    nodes_[node].journal.insert(nodes_[node].journal.end(), effects.journal.begin(), effects.journal.end());
    std::ranges::copy(effects.received, std::back_inserter(nodes_[node].received));
    if (effects.persist) {
      nodes_[node].disk = *effects.persist;
      tell(node, [&](Core& core, Effects& out) { core.on_watermark(*effects.persist, clock(node), out); });
    }
    for (const Effects::Datagram& datagram : effects.datagrams) {
      const auto frame = effects.frame(datagram);
      last_frame.assign(frame.begin(), frame.end());
      last_from = node;
      if (nodes_[datagram.to].core == nullptr) continue;
      tell(datagram.to, [&](Core& core, Effects& out) {
        core.on_frame(node, frame, clock(datagram.to), clock(datagram.to), out);
      });
    }
  }

  CoreSettings settings_;
  std::vector<Node> nodes_;
};

}  // namespace causeway::control::test
