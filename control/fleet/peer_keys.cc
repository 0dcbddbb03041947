#include "control/fleet/peer_keys.h"

#include <algorithm>
#include <openssl/crypto.h>
#include <utility>

#include "dataplane/net/bytes.h"

namespace causeway::control::fleet {
config::Crypto media_keys(const wire::PairKey& key, NodeId from, BootId from_boot, NodeId to,
                          BootId to_boot) {
  constexpr srtp::Suite kSuite = srtp::Suite::aead_aes_128_gcm;
  const srtp::SuiteInfo& suite = srtp::info(kSuite);
  std::array<std::uint8_t, 18> context{from, to};
  net::store_be64(&context[2], from_boot);
  net::store_be64(&context[10], to_boot);
  wire::PairKey derived = wire::derive(key, "causeway media", context);
  const std::span<const std::uint8_t> bytes(derived);
  config::Crypto crypto;
  crypto.suite = kSuite;
  crypto.key = config::Secret(bytes.first(suite.key_length));
  crypto.salt = config::Secret(bytes.subspan(suite.key_length, suite.salt_length));
  OPENSSL_cleanse(derived.data(), derived.size());
  return crypto;
}

std::uint8_t epoch_of(const wire::PairKey& key) {
  return wire::derive(key, "causeway epoch", {})[0];
}

PeerKeys::PeerKeys(const pair::PairNames& names, const pair::PairTimers& timers, pair::Means means,
                   BootId boot, std::uint64_t seed)
    : names_(names), boot_(boot), pair_(names, timers, std::move(means), seed) {}

void PeerKeys::start(pair::Moment now, pair::PairOutput& out) {
  pair_.start(now, out);
  apply(std::exchange(out.keys, {}));
}

void PeerKeys::tick(pair::Moment now, pair::PairOutput& out) {
  pair_.tick(now, out);
  apply(std::exchange(out.keys, {}));
}

void PeerKeys::on_dtls(std::span<const std::uint8_t> datagram, pair::Moment now, pair::PairOutput& out) {
  pair_.on_datagram(datagram, now, out);
  apply(std::exchange(out.keys, {}));
}

void PeerKeys::on_unheard(pair::Moment now, pair::PairOutput& out) {
  pair_.on_unheard(now, out);
  apply(std::exchange(out.keys, {}));
}

void PeerKeys::apply(const pair::KeyChanges& changes) {
  for (const pair::KeyChange& change : changes) {
    changed_ = true;
    if (change.use == pair::KeyUse::forget) {
      std::erase_if(accepted_, [&](const Accepted& key) { return key.generation == change.generation; });
      continue;
    }
    const wire::PairKey& key = *pair_.key(change.generation);
    if (change.use == pair::KeyUse::accept) {
      accepted_.push_back({change.generation, wire::Opener(key, names_.peer, names_.self)});
    } else {
      sealer_.emplace(key, names_.self, names_.peer, boot_);
    }
  }
}

// The key of the last frame first, then the newest: there is more than one only while they change.
std::optional<std::span<const std::uint8_t>> PeerKeys::open(std::span<const std::uint8_t> sealed,
                                                            std::span<std::uint8_t> room, pair::Moment now,
                                                            pair::PairOutput& out) {
  const auto by = [&](Accepted& key) -> std::optional<std::span<const std::uint8_t>> {
    const auto frame = key.opener.open(sealed, room);
    if (!frame) return std::nullopt;
    changed_ |= std::exchange(heard_, key.generation) != key.generation;
    pair_.on_authentic(key.generation, now, out);
    apply(std::exchange(out.keys, {}));
    return frame;
  };
  const auto last = std::ranges::find(accepted_, heard_, &Accepted::generation);
  if (last != accepted_.end()) {
    if (const auto frame = by(*last)) return frame;
  }
  for (std::size_t i = accepted_.size(); i-- > 0;) {
    if (accepted_[i].generation == heard_) continue;
    if (const auto frame = by(accepted_[i])) return frame;
  }
  return std::nullopt;
}

std::size_t PeerKeys::seal(std::span<const std::uint8_t> frame, std::span<std::uint8_t> out) {
  return sealer_ ? sealer_->seal(frame, out) : 0;
}

// What the peer sends is under the key of its messages; or under the newest, as soon as it may use that.
void PeerKeys::key(BootId peer_boot, config::Transport& transport, NodeLink& link) const {
  const auto from_peer = [&](const wire::PairKey& key) {
    return media_keys(key, names_.peer, peer_boot, names_.self, boot_);
  };
  link.receive_other.reset();
  for (std::size_t i = accepted_.size(); i-- > 0;) {
    const pair::Generation generation = accepted_[i].generation;
    const wire::PairKey* key = pair_.key(generation);
    if (key == nullptr) continue;
    if (generation == heard_) {
      transport.receive = from_peer(*key);
    } else if (!link.receive_other) {
      link.receive_other = from_peer(*key);
      link.other_epoch = epoch_of(*key);
    }
  }
  if (const wire::PairKey* key = pair_.key(pair_.sending())) {
    transport.send = media_keys(*key, names_.self, boot_, names_.peer, peer_boot);
    link.send_epoch = epoch_of(*key);
  }
}

}  // namespace causeway::control::fleet
