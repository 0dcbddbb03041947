#include "control/core/parts.h"

#include <iterator>
#include <utility>

namespace causeway::control {
namespace {

// Verdicts are looked at when something happened, and else this often.
constexpr TimeUs kJudgeUs = 250'000;
// After something happened: a storm of changes is judged once.
constexpr TimeUs kJudgeSoonUs = 20'000;
// Who misses more beats than this has most likely fallen silent, long before it is suspected.
constexpr TimeUs kLivelyBeats = 3;

}  // namespace

Core::Parts::Parts(CoreSettings given, TimeUs at_us)
    : settings(std::move(given)),
      now_us(at_us),
      post(settings.self, settings.membership.nodes(), settings.boot, settings.heartbeat.flows),
      detector_output{post, events, journal},
      detector(settings.heartbeat, settings.membership, settings.names, settings.self, settings.seed, at_us),
      judge(settings.heartbeat, settings.isolation, settings.membership, settings.names, settings.self,
            settings.has_arbiter),
      relay(settings.self, settings.membership, settings.names, settings.relay, settings.watermark, *this,
            post, at_us),
      directory(settings.directory, settings.membership, settings.self, settings.boot, settings.seed, post,
                *this, at_us),
      judge_at_us(at_us),
      peers_(settings.membership.nodes()) {}

void Core::Parts::note_start(TimeUs at_us) {
  journal.push_back({at_us,
                     JournalKind::started,
                     settings.self,
                     {},
                     settings.names[settings.self] + " starts, boot " + std::to_string(settings.boot) +
                         "; stamps up to " + std::to_string(settings.watermark) + " are used",
                     {}});
}

bool Core::Parts::is_lively(NodeId node, TimeUs at_us) const {
  if (!is_peer(node)) return false;
  const TimeUs beats_us = kLivelyBeats * from_ms(settings.heartbeat.interval_ms);
  return at_us - detector.link(node).silent_since_us() < beats_us;
}

std::size_t Core::Parts::claims(const TrackKey& track, std::span<relay::Claim> out) const {
  return directory.claims<relay::Claim>(track, out);
}

// ---- frames

void Core::Parts::take_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us,
                             TimeUs at_us) {
  wire::FrameHeader header;
  std::span<const std::uint8_t> records;
  if (!is_peer(from) || wire::read_frame(frame, header, records) != wire::FrameError::none ||
      header.from != from) {
    ++frames.malformed;
    return;
  }
  if (!accept(from, header, at_us)) return;
  ++frames.taken;
  while (const auto record = wire::next(records))
    take_record(from, header, *record, arrived_us, at_us);
}

// R8, and each frame once.
bool Core::Parts::accept(NodeId from, const wire::FrameHeader& header, TimeUs at_us) {
  Peer& peer = peers_[from];
  // A newer boot is noted even if the frame is for another one of this node: two nodes that each know an old
  // boot of the other would never hear each other again.
  if (header.boot > peer.boot) take_boot(from, header.boot, at_us);
  if (header.boot < peer.boot || (header.to_boot != 0 && header.to_boot != settings.boot)) {
    ++frames.of_another_boot;
    return false;
  }
  if (peer.window.take(header.sequence)) return true;
  ++frames.replayed;
  return false;
}

void Core::Parts::take_boot(NodeId from, BootId boot, TimeUs at_us) {
  Peer& peer = peers_[from];
  const bool is_first_contact = peer.boot == 0;
  peer.boot = boot;
  peer.window = {};
  post.set_boot(from, boot);
  directory.on_peer_boot(from, boot, at_us);
  if (is_first_contact) return;  // nothing here is of an earlier one
  journal.push_back(
      {at_us, JournalKind::peer_started, from, {}, settings.names[from] + " started again", {}});
  detector.on_peer_boot(from, at_us, detector_output);
  relay.on_peer_boot(from, at_us);
}

void Core::Parts::take_record(NodeId from, const wire::FrameHeader& header, const wire::Record& record,
                              TimeUs arrived_us, TimeUs at_us) {
  using enum wire::RecordType;
  bool is_read = true;
  switch (record.type) {
    case beat: {
      beat::Beat message;
      is_read = beat::read(record.body, message);
      if (!is_read) break;
      relay.see(message.clock);
      detector.on_beat(from, header.flow, message, arrived_us, at_us, detector_output);
      post.set_broken_flows(from, detector.link(from).broken_flows());
      break;
    }
    case probe_request: {
      beat::ProbeRequest message;
      is_read = beat::read(record.body, message);
      if (is_read) detector.on_probe_request(from, message, at_us, detector_output);
      break;
    }
    case probe_reply: {
      beat::ProbeReply message;
      is_read = beat::read(record.body, message);
      if (is_read) detector.on_probe_reply(from, message, at_us, detector_output);
      break;
    }
    case directory_delta:
    case directory_digest:
    case directory_request:
    case directory_bucket_hashes:
    case directory_bucket:
      is_read =
          directory.on_record(from, record.type, record.body, at_us) != directory::RecordError::malformed;
      break;
    case describe_request:
    case wire::RecordType::describe:
      received.push_back({from, record.type, {record.body.begin(), record.body.end()}});
      break;
    default:
      is_read = take_relay_record(from, record, at_us);
  }
  if (!is_read) ++frames.malformed_records;
}

namespace {

template <class Message>
bool give(relay::Relay& relay, NodeId from, const wire::Record& record, TimeUs now_us,
          void (relay::Relay::*handler)(NodeId, const Message&, TimeUs)) {
  Message message;
  if (!relay::read(record.body, message)) return false;
  (relay.*handler)(from, message, now_us);
  return true;
}

}  // namespace

bool Core::Parts::take_relay_record(NodeId from, const wire::Record& record, TimeUs at_us) {
  using relay::Relay;
  switch (record.type) {
    case wire::RecordType::subscribe:
      return give(relay, from, record, at_us, &Relay::on_subscribe);
    case wire::RecordType::ack:
      return give(relay, from, record, at_us, &Relay::on_ack);
    case wire::RecordType::nack:
      return give(relay, from, record, at_us, &Relay::on_nack);
    case wire::RecordType::unsubscribe:
      return give(relay, from, record, at_us, &Relay::on_unsubscribe);
    case wire::RecordType::withdraw:
      return give(relay, from, record, at_us, &Relay::on_withdraw);
    case wire::RecordType::stamp_request:
      return give(relay, from, record, at_us, &Relay::on_stamp_request);
    case wire::RecordType::advert:
      return give(relay, from, record, at_us, &Relay::on_advert);
    default:
      ++frames.unknown_records;
      return true;  // of a later version
  }
}

// ---- time

void Core::Parts::turn(TimeUs at_us) {
  detector.set_clock(relay.clock());
  detector.tick(at_us, detector_output);
  take_events(at_us);
  relay.tick(at_us);
  directory.set_clock(relay.clock());
  directory.tick(at_us);
  if (at_us >= judge_at_us) judge_now(at_us);
}

void Core::Parts::judge_now(TimeUs at_us) {
  detector.fill(view, at_us);
  verdict::Output output{journal};
  judge.turn(view, at_us, output);
  ask_token |= output.ask_token;
  release_token |= output.release_token;
  report_islanded |= output.report_islanded;
  // Who hears it sends no new sessions here, and counts the site among those that are drained.
  detector.set_drain(is_drained_by_operator ? std::max(judge.drain(), DrainState::soft) : judge.drain());
  judge_at_us = std::min(judge.next_due_us(), at_us + kJudgeUs);
  judge_at_us = std::max(judge_at_us, at_us + 1000);
}

// ---- what the parts tell each other

void Core::Parts::take_events(TimeUs at_us) {
  if (events.empty()) return;
  bool reachable_changed = false;
  for (const beat::Event& event : events) {
    using enum beat::EventKind;
    if (event.kind == heard_again || event.kind == suspected) reachable_changed = true;
    if (event.kind == heard_again) relay.on_heard_again(event.peer, at_us);
    if (event.kind == settled) relay.on_settled(event.peer, at_us);
    if (event.kind == matrix_changed) relay.on_matrix_changed(event.peer, at_us);
  }
  events.clear();
  judge_at_us = std::min(judge_at_us, at_us + kJudgeSoonUs);
  if (reachable_changed) directory.set_reachable(detector.reachable(), at_us);
}

void Core::Parts::take_announcements(TimeUs at_us) {
  for (const relay::Output::Announcement& announcement : relay.output().announcements) {
    if (announcement.stamp == 0) {
      directory.remove(announcement.track, at_us);
    } else {
      directory.put(announcement.track, announcement.stamp, at_us);
    }
  }
  relay.output().announcements.clear();
}

void Core::Parts::finish(TimeUs at_us, Effects& effects) {
  take_events(at_us);
  take_announcements(at_us);
  if (!changed_claims.empty()) {
    relay.see(directory.highest_stamp());
    for (std::size_t i = 0; i < changed_claims.size(); ++i)
      relay.on_claims_changed(changed_claims[i], at_us);
    changed_claims.clear();
  }
  relay::Output& output = relay.output();
  effects.tracks.insert(effects.tracks.end(), output.changed.begin(), output.changed.end());
  output.changed.clear();
  effects.keepalives.insert(effects.keepalives.end(), output.keepalives.begin(), output.keepalives.end());
  output.keepalives.clear();
  if (const auto request = relay.take_watermark_request()) effects.persist = request;
  std::ranges::move(received, std::back_inserter(effects.received));
  received.clear();
  std::ranges::move(output.journal, std::back_inserter(effects.journal));
  output.journal.clear();
  std::ranges::move(directory.journal(), std::back_inserter(effects.journal));
  directory.journal().clear();
  std::ranges::move(journal, std::back_inserter(effects.journal));
  journal.clear();
  effects.ask_token |= std::exchange(ask_token, false);
  effects.release_token |= std::exchange(release_token, false);
  effects.report_islanded |= std::exchange(report_islanded, false);
  post.flush(effects);
}

}  // namespace causeway::control
