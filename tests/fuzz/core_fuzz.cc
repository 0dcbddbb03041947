// One whole control core among three, given frames that are well formed, nearly so, or not at all, in any
// order and at any time: whatever comes, what it sends is well formed and bounded, and time goes on.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "control/core/core.h"
#include "control/wire/frame.h"

namespace {

using namespace causeway::control;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr NodeId kSelf = 1;
const TrackKey kTracks[] = {{1, 1}, {2, 2}, {3, 3}};

class Player {
 public:
  Player() : core_(settings(), now_us_, effects_) { check(); }

  // Plays one step and returns how many bytes it took.
  std::size_t step(std::span<const std::uint8_t> bytes) {
    now_us_ += bytes[1] * TimeUs{1500};
    const NodeId peer = static_cast<NodeId>(bytes[2] % 2 * 2);
    const TrackKey& track = kTracks[bytes[3] % 3];
    std::size_t taken = 4;
    switch (bytes[0] % 12) {
      case 0:
        core_.publish(track, now_us_, effects_);
        break;
      case 1:
        core_.unpublish(track, now_us_, effects_);
        break;
      case 2:
        core_.want(track, now_us_, effects_);
        break;
      case 3:
        core_.unwant(track, now_us_, effects_);
        break;
      case 4:
        core_.on_media(track, peer, {bytes[3], peer, static_cast<std::uint8_t>(bytes[1] % 4)}, now_us_,
                       now_us_, effects_);
        break;
      case 5:
        core_.on_watermark(bytes[3] * Stamp{100}, now_us_, effects_);
        break;
      case 6:
        core_.on_token(bytes[3] % 2 == 0 ? TokenAnswer::granted : TokenAnswer::refused, now_us_, effects_);
        break;
      case 7:
        core_.on_common_mode(bytes[3] % 2 == 0, now_us_, effects_);
        break;
      case 8:
        core_.on_overflow(now_us_, effects_);
        break;
      case 9:
      case 10:
        taken = frame(bytes, peer);
        break;
      default:
        core_.tick(now_us_, effects_);
        require(core_.next_due_us() > now_us_);
    }
    check();
    return taken;
  }

 private:
  static CoreSettings settings() {
    CoreSettings made;
    made.membership.site_of = {0, 1, 2};
    made.names = {"a", "b", "c"};
    made.self = kSelf;
    made.boot = 3;
    made.has_arbiter = true;
    made.heartbeat.startup_ms = 1000;
    made.relay.max_tracks = 16;
    made.directory.max_tracks = 64;
    made.directory.max_own_tracks = 16;
    made.directory.log_entries = 64;
    return made;
  }

  // A frame whose header is right, with bytes as records: with lengths that fit if bytes[3] says so.
  std::size_t frame(std::span<const std::uint8_t> bytes, NodeId peer) {
    const std::size_t length = std::min<std::size_t>(bytes.size() - 4, bytes[3]);
    const auto body = bytes.subspan(4, length);
    wire::FrameBuilder builder;
    if (!body.empty()) {
      builder.add(static_cast<wire::RecordType>(body[0]),
                  [&](wire::Writer& writer) { writer.bytes(body.subspan(1)); });
    }
    const BootId boot = bytes[0] >= 250 ? ++boots_[peer] : std::max<BootId>(boots_[peer], 1);
    boots_[peer] = boot;
    const auto made = builder.finish({peer, static_cast<std::uint8_t>(bytes[1] % 3), boot, 0, ++sequence_});
    core_.on_frame(peer, made, now_us_ - bytes[1] * TimeUs{100}, now_us_, effects_);
    core_.on_frame(peer, body, now_us_, now_us_, effects_);  // and as no frame at all
    return 4 + length;
  }

  void check() {
    require(effects_.datagrams.size() <= 4096);
    for (const Effects::Datagram& datagram : effects_.datagrams) {
      wire::FrameHeader header;
      std::span<const std::uint8_t> records;
      require(wire::read_frame(effects_.frame(datagram), header, records) == wire::FrameError::none);
      require(header.from == kSelf && datagram.to != kSelf && datagram.to < 3 &&
              header.flow == datagram.flow);
      require(header.sequence > sent_[datagram.to]);
      sent_[datagram.to] = header.sequence;
    }
    for (const TrackKey& track : kTracks) {
      const RelayView view = core_.relay(track);
      require(!view.active || std::ranges::count(view.legs, view.active->upstream) == 0);
    }
    require(core_.relay_counters().gate_refusals == 0);
    effects_.clear();
  }

  TimeUs now_us_ = 1'000'000;
  Effects effects_;
  Core core_;
  std::map<NodeId, BootId> boots_;
  std::map<NodeId, std::uint64_t> sent_;
  std::uint64_t sequence_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Player player;
  std::span<const std::uint8_t> rest(data, std::min<std::size_t>(size, 4096));
  while (rest.size() >= 4)
    rest = rest.subspan(player.step(rest));
  return 0;
}
