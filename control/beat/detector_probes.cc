// The detector's part in indirect evidence: asking about who is silent, and answering those who ask.
#include <algorithm>

#include "control/beat/detector.h"

namespace causeway::control::beat {

// Does what is due about a silent peer. Returns when the next thing is.
TimeUs Detector::inquire(NodeId id, const Output& out) {
  Peer& peer = peers_[id];
  const TimeUs now_us = stall_.now_us();
  const TimeUs not_before_us = std::max(starts_until_us_, stall_.patience().frozen_until_us);
  const TimeUs silent_since_us = peer.link.silent_since_us();
  while (true) {
    const TimeUs due_us = peer.inquiry.due_us(probe_timers_, silent_since_us, not_before_us);
    if (due_us > now_us) return due_us;
    if (!peer.inquiry.is_open()) {
      ask(id, out);
    } else if (peer.inquiry.conclude()) {
      out.events.push_back({id, EventKind::probed});
    }
  }
}

void Detector::ask(NodeId id, const Output& out) {
  const NodeSet helpers =
      choose_helpers(possible_helpers(), membership_, self_, id, probe_timers_.helpers, random_);
  const auto nonce = static_cast<std::uint32_t>(random_.next() | 1);  // not 0
  peers_[id].inquiry.begin(nonce, helpers, stall_.now_us());
  std::array<std::uint8_t, kProbeRequestBytes> body;
  wire::Writer writer(body);
  write(writer, ProbeRequest{id, nonce});
  helpers.for_each(
      [&](NodeId helper) { out.outbox.send(helper, wire::RecordType::probe_request, writer.written()); });
}

// Who says that its own view is frozen would not answer.
NodeSet Detector::possible_helpers() const {
  NodeSet helpers;
  own_.heard.for_each([&](NodeId node) {
    if (!(is_row_fresh(node) && peers_[node].row.stalled)) helpers.insert(node);
  });
  return helpers;
}

void Detector::on_probe_reply(NodeId from, const ProbeReply& reply, TimeUs now_us, const Output& out) {
  turn(now_us, out);
  bool used = false;
  if (is_peer(reply.target) && !peers_[reply.target].link.is_reachable()) {
    if (peers_[reply.target].inquiry.on_reply(from, reply, used)) {
      out.events.push_back({reply.target, EventKind::probed});
    }
  }
  if (!used) ++replies_refused_;
}

void Detector::on_probe_request(NodeId from, const ProbeRequest& request, TimeUs now_us, const Output& out) {
  turn(now_us, out);
  if (!is_peer(request.target) || request.target == from || stall_.is_frozen() ||
      !desk_.has_room(from, request)) {
    ++requests_refused_;
    return;
  }
  send_beat(request.target, out);
  const TimeUs ends_us = stall_.now_us() + probe_timers_.probe_us;
  desk_.add({from, request, peers_[request.target].link.sent(), stall_.now_us(), ends_us});
  next_check_us_ = std::min(next_check_us_, ends_us);
}

// A node in its start-up may not have been told of yet: that it was not answered means nothing.
void Detector::end_tasks(const Output& out) {
  if (desk_.empty()) return;
  desk_.settle([&](const HelpDesk::Task& task) { return stall_.now_us() >= task.ends_us; },
               [&](const HelpDesk::Task& task) {
                 if (!is_starting() && !stall_.is_frozen()) answer(task, ProbeAnswer::silent, out);
               });
}

void Detector::answer(const HelpDesk::Task& task, ProbeAnswer answer, const Output& out) const {
  std::array<std::uint8_t, kProbeReplyBytes> body;
  wire::Writer writer(body);
  write(writer, ProbeReply{task.request.target, task.request.nonce, answer});
  out.outbox.send(task.from, wire::RecordType::probe_reply, writer.written());
}

}  // namespace causeway::control::beat
