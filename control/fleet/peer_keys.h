// The keys of this node with one peer as the messages and the media use them: which are accepted, with which
// is sealed, and what SRTP makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "config/config.h"
#include "control/pair/pair.h"
#include "control/publish/publisher.h"
#include "control/wire/frame.h"
#include "control/wire/ids.h"
#include "control/wire/seal.h"

namespace causeway::control::fleet {

// SRTP's keys of one direction. They are others for each boot of either end, so that indices may begin again
// with each (RFC 3711, 9.1).
config::Crypto media_keys(const wire::PairKey& key, NodeId from, BootId from_boot, NodeId to, BootId to_boot);
// By what packets under this pair's key are known while there are two of them. Says nothing of it.
std::uint8_t epoch_of(const wire::PairKey& key);

// Control thread only. Outputs are appended to; their key changes are done already.
class PeerKeys {
 public:
  // Throws std::invalid_argument if no certificate can have the peer's name.
  PeerKeys(const pair::PairNames& names, const pair::PairTimers& timers, pair::Means means, BootId boot,
           std::uint64_t seed);

  void start(pair::Moment now, pair::PairOutput& out);
  void tick(pair::Moment now, pair::PairOutput& out);
  TimeUs next_due_us() const { return pair_.next_due_us(); }
  void on_dtls(std::span<const std::uint8_t> datagram, pair::Moment now, pair::PairOutput& out);
  // Nothing authentic is heard.
  void on_unheard(pair::Moment now, pair::PairOutput& out);

  // The frame, written to `room`; nullopt if it is authentic under none of the keys.
  std::optional<std::span<const std::uint8_t>> open(std::span<const std::uint8_t> sealed,
                                                    std::span<std::uint8_t> room, pair::Moment now,
                                                    pair::PairOutput& out);
  bool has_key() const { return !accepted_.empty(); }
  // 0: there is no key yet, or it does not fit.
  std::size_t seal(std::span<const std::uint8_t> frame, std::span<std::uint8_t> out);

  // Have the keys of media changed since the last call?
  bool take_changed() { return std::exchange(changed_, false); }
  // Gives the transport to the peer its keys, with this boot of it.
  void key(BootId peer_boot, config::Transport& transport, NodeLink& link) const;

 private:
  struct Accepted {
    pair::Generation generation = 0;
    wire::Opener opener;
  };
  void apply(const pair::KeyChanges& changes);

  const pair::PairNames names_;
  const BootId boot_;
  pair::Pair pair_;
  std::vector<Accepted> accepted_;  // the newest last
  std::optional<wire::Sealer> sealer_;
  pair::Generation heard_ = 0;  // under which the peer's last frame was
  bool changed_ = false;
};

}  // namespace causeway::control::fleet
