// The life of a pair of nodes' keys: get one, renew it without loss, get another when the peer has lost it.
//
// The node with the lower NodeId is the client, so that two handshakes never meet. It begins one when there
// is no key, when nothing authentic is heard, when a rekey is due, or when the server asks (HelloRequest).
// The server asks when it has no key or hears nothing.
//
//   client: idle --wanted, not before retry--> handshake --done--> key: accept and send at once
//                <--failed: wait, longer each time--'
//   server: idle --ClientHello with our cookie--> handshake --done--> key: accept; send once the client has
//   used it,
//                <--failed-------------------------'                    or at once if there is no other
//
// A handshake never touches the keys that are there until it is done, which is: authenticated. Nothing but a
// newer key ends a key: a certificate that has expired keeps a node out when it starts, and not a running
// fleet apart.
//
// Its datagrams may go by any of the pair's flows, best by each in turn: one bad path then delays a
// handshake, and does not prevent it.
//
// With a fleet key there is no handshake: one key, from the start, for ever.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "control/beat/random.h"
#include "control/journal/entry.h"
#include "control/pair/association.h"
#include "control/pair/keyring.h"
#include "control/wire/ids.h"

namespace causeway::control::pair {

struct PairTimers {
  HandshakeTimers handshake;
  TimeUs retry_min_us = from_ms(500);  // after a handshake that failed, doubled each time
  TimeUs retry_max_us = from_ms(10000);
  TimeUs rekey_us = from_ms(8 * 3600 * 1000ULL);
  TimeUs grace_us = from_ms(30000);   // the old key is accepted after the new one is used
  TimeUs repeat_us = from_ms(60000);  // until the journal has the same refusal again
};

struct PairNames {
  NodeId self = kNoNode;
  NodeId peer = kNoNode;
  std::string peer_name;
};

// By what this node shows who it is, and knows the peer.
using Means = std::variant<std::shared_ptr<const Context>, wire::PairKey>;

struct PairOutput {
  Datagrams datagrams;  // to the peer
  Journal journal;
  KeyChanges keys;  // in this order; Pair::key() has the bytes
};

// Not thread-safe. Outputs are appended to.
class Pair {
 public:
  // Throws std::invalid_argument if no certificate can have the peer's name.
  Pair(PairNames names, const PairTimers& timers, Means means, std::uint64_t seed);
  ~Pair();
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void start(Moment now, PairOutput& out);
  void tick(Moment now, PairOutput& out);
  // Not before start().
  TimeUs next_due_us() const;
  // For which is_dtls() holds, and that came from the peer's address.
  void on_datagram(std::span<const std::uint8_t> datagram, Moment now, PairOutput& out);
  // A frame of the peer's was opened with this key. For each frame; it costs next to nothing.
  void on_authentic(Generation generation, Moment now, PairOutput& out);
  // No frame was opened for a while. Stays so until one is.
  void on_unheard(Moment now, PairOutput& out);
  // New certificates: the client makes a new key with them at once.
  void renew(std::shared_ptr<const Context> context, Moment now, PairOutput& out);

  // nullptr: it is forgotten. Valid until the next call.
  const wire::PairKey* key(Generation generation) const { return keys_.find(generation); }
  Generation sending() const { return keys_.sending(); }
  Role role() const { return names_.self < names_.peer ? Role::client : Role::server; }
  bool is_shaking_hands() const { return attempt_ != nullptr; }

 private:
  TimeUs wanted_us() const;
  void drive(Moment now, PairOutput& out);
  void begin(Moment now, PairOutput& out);
  void on_client_hello(const ClientRandom& random, std::span<const std::uint8_t> datagram, Moment now,
                       PairOutput& out);
  void on_hello_request(Moment now, PairOutput& out);
  void settle(Moment now, PairOutput& out);
  void succeed(Moment now, PairOutput& out);
  void give_up(Moment now, PairOutput& out);
  void replace(std::unique_ptr<Association> attempt, Moment now, PairOutput& out);
  void refuse(const std::string& why, TimeUs now_us, PairOutput& out);
  void wait(TimeUs min_us, TimeUs max_us, TimeUs now_us);
  std::unique_ptr<Association> make_association(Moment now, Datagrams& out);

  PairNames names_;
  PairTimers timers_;
  std::shared_ptr<const Context> context_;  // nullptr: a fleet key
  std::optional<wire::PairKey> fixed_;
  beat::Random random_;
  Keyring keys_;
  CookieKey cookie_key_{};
  std::unique_ptr<Association> listener_;  // of a server
  std::unique_ptr<Association> attempt_;
  std::unique_ptr<Association> finished_;  // of a server, for its last flight, until the client shows the key
  Generation finished_generation_ = 0;
  std::optional<ClientRandom> known_;  // of the handshake that goes on, or of the last one
  bool started_ = false;
  bool unheard_ = false;
  bool renewed_ = false;
  TimeUs heard_us_ = kLongAgo;
  TimeUs began_us_ = kLongAgo;
  TimeUs rekey_us_ = kNever;
  TimeUs next_us_ = 0;      // not before: a client's next handshake, a server's next request
  TimeUs interval_us_ = 0;  // between the last two of them
  std::uint64_t requests_ = 0;
  std::string said_;
  TimeUs said_us_ = kLongAgo;
  std::int64_t unsaid_ = 0;
};

}  // namespace causeway::control::pair
