#include "control/pair/pair.h"

#include <algorithm>
#include <new>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <utility>

#include "control/pair/refusal.h"

namespace causeway::control::pair {
namespace {

// Between two handshakes that the other side brings about: what a flood of ClientHellos or HelloRequests
// costs.
constexpr TimeUs kGapUs = from_ms(500);
// A peer that was heard under our key so lately has not forgotten it, whoever says so.
constexpr TimeUs kFreshUs = from_ms(500);
// A node that starts has a handshake with each other node: not all in one turn.
constexpr std::uint64_t kStartSpreadUs = 100'000;
constexpr std::int64_t kDayS = 86400;

JournalEntry entry(JournalKind kind, NodeId peer, std::string text, TimeUs now_us) {
  JournalEntry made;
  made.at_us = now_us;
  made.kind = kind;
  made.peer = peer;
  made.text = std::move(text);
  return made;
}

}  // namespace

Pair::Pair(PairNames names, const PairTimers& timers, Means means, std::uint64_t seed)
    : names_(std::move(names)), timers_(timers), random_(seed), keys_(timers.grace_us) {
  if (auto* key = std::get_if<wire::PairKey>(&means)) {
    fixed_ = *key;
    OPENSSL_cleanse(key->data(), key->size());
    return;
  }
  context_ = std::get<std::shared_ptr<const Context>>(std::move(means));
  check_name(names_.peer_name);
  if (RAND_priv_bytes(cookie_key_.data(), static_cast<int>(cookie_key_.size())) != 1)
    throw std::runtime_error("OpenSSL has no random numbers");
}

Pair::~Pair() {
  OPENSSL_cleanse(cookie_key_.data(), cookie_key_.size());
  if (fixed_) OPENSSL_cleanse(fixed_->data(), fixed_->size());
}

void Pair::start(Moment now, PairOutput& out) {
  if (std::exchange(started_, true)) return;
  next_us_ = now.us + static_cast<TimeUs>(random_.below(kStartSpreadUs));
  if (!fixed_) return drive(now, out);
  const Generation generation = keys_.add(*fixed_, true, now.us, out.keys);
  OPENSSL_cleanse(fixed_->data(), fixed_->size());
  fixed_.reset();
  out.journal.push_back(entry(JournalKind::pair_keyed, names_.peer,
                              names_.peer_name + " and this node use the fleet's key", now.us));
  out.journal.back().numbers = {{"generation", generation}};
}

void Pair::tick(Moment now, PairOutput& out) {
  keys_.tick(now.us, out.keys);
  if (attempt_) {
    attempt_->tick(now, out.datagrams);
    settle(now, out);
  }
  drive(now, out);
}

TimeUs Pair::next_due_us() const {
  return std::min(keys_.next_due_us(), attempt_ ? attempt_->next_due_us() : wanted_us());
}

void Pair::on_datagram(std::span<const std::uint8_t> datagram, Moment now, PairOutput& out) {
  if (!context_ || !started_ || datagram.size() > kMaxDatagramBytes) return;
  if (is_hello_request(datagram)) {
    if (role() == Role::client) on_hello_request(now, out);
  } else if (const auto random = client_random(datagram)) {
    if (role() == Role::server) on_client_hello(*random, datagram, now, out);
  } else if (attempt_) {
    attempt_->on_datagram(datagram, now, out.datagrams);
    settle(now, out);
  } else if (finished_) {
    finished_->on_datagram(datagram, now, out.datagrams);
  }
}

void Pair::on_authentic(Generation generation, Moment now, PairOutput& out) {
  if (keys_.find(generation) == nullptr) return;
  heard_us_ = now.us;
  // The path is whole again, and so are the keys: a handshake that got no answer is not needed.
  if (std::exchange(unheard_, false) && role() == Role::client && attempt_ && !attempt_->is_answered() &&
      wanted_us() > now.us)
    attempt_.reset();
  keys_.on_authentic(generation, now.us, out.keys);
  if (finished_ && generation >= finished_generation_) finished_.reset();
}

void Pair::on_unheard(Moment now, PairOutput& out) {
  if (!context_ || !started_) return;
  if (!std::exchange(unheard_, true)) interval_us_ = 0;
  drive(now, out);
}

void Pair::renew(std::shared_ptr<const Context> context, Moment now, PairOutput& out) {
  if (!context_) return;
  context_ = std::move(context);
  listener_.reset();  // it would go on with the old ones
  if (role() == Role::server) return;
  attempt_.reset();
  renewed_ = true;
  interval_us_ = 0;
  next_us_ = now.us;
  if (started_) drive(now, out);
}

// From when on a handshake is wanted, and may begin or be asked for.
TimeUs Pair::wanted_us() const {
  if (!context_ || !started_) return kNever;
  if (keys_.sending() == 0 || unheard_ || renewed_) return next_us_;
  return role() == Role::client ? std::max(rekey_us_, next_us_) : kNever;
}

void Pair::drive(Moment now, PairOutput& out) {
  if (attempt_ || now.us < wanted_us()) return;
  if (role() == Role::client) return begin(now, out);
  out.datagrams.push_back(hello_request(requests_++));
  wait(timers_.handshake.resend_min_us, timers_.handshake.resend_max_us, now.us);
}

void Pair::begin(Moment now, PairOutput& out) {
  began_us_ = now.us;
  replace(make_association(now, out.datagrams), now, out);
}

std::unique_ptr<Association> Pair::make_association(Moment now, Datagrams& out) {
  return std::make_unique<Association>(context_,
                                       Association::Settings{.role = role(),
                                                             .peer = names_.peer_name,
                                                             .timers = timers_.handshake,
                                                             .cookie_key = cookie_key_,
                                                             .seed = random_.next()},
                                       now, out);
}

void Pair::on_client_hello(const ClientRandom& random, std::span<const std::uint8_t> datagram, Moment now,
                           PairOutput& out) {
  if (known_ == random || now.us - began_us_ < kGapUs) return;
  if (!listener_) listener_ = make_association(now, out.datagrams);
  listener_->on_datagram(datagram, now, out.datagrams);
  if (listener_->stage() == Stage::listening) return;
  // The client has our cookie: it is there. If it has begun anew, the old handshake leads nowhere.
  began_us_ = now.us;
  known_ = random;
  finished_.reset();
  replace(std::move(listener_), now, out);
}

void Pair::on_hello_request(Moment now, PairOutput& out) {
  if (now.us < next_us_ || now.us - began_us_ < kGapUs) return;
  if (attempt_ && now.us - attempt_->progress_us() < kGapUs) return;
  if (!attempt_ && keys_.sending() != 0 && now.us - heard_us_ < kFreshUs) return;
  begin(now, out);
}

void Pair::replace(std::unique_ptr<Association> attempt, Moment now, PairOutput& out) {
  if (attempt_ && !attempt_->complaint().empty()) refuse(attempt_->complaint(), now.us, out);
  attempt_ = std::move(attempt);
  settle(now, out);
}

void Pair::settle(Moment now, PairOutput& out) {
  if (attempt_->stage() == Stage::done)
    succeed(now, out);
  else if (attempt_->stage() == Stage::failed)
    give_up(now, out);
}

void Pair::succeed(Moment now, PairOutput& out) {
  const bool is_client = role() == Role::client;
  const Generation generation = keys_.add(attempt_->key(), is_client, now.us, out.keys);
  const std::int64_t ends_s = attempt_->certificate_ends_s();
  out.journal.push_back(entry(JournalKind::pair_keyed, names_.peer,
                              names_.peer_name + " and this node have a new key (" + attempt_->suite() +
                                  "); its certificate is valid until " + date(ends_s),
                              now.us));
  out.journal.back().numbers = {{"generation", generation},
                                {"handshake_us", now.us - attempt_->began_us()},
                                {"certificate_days", (ends_s - now.wall_s) / kDayS}};
  unheard_ = false;
  renewed_ = false;
  heard_us_ = now.us;
  // Pairs that began together do not all renew their keys together.
  rekey_us_ = now.us + timers_.rekey_us -
              static_cast<TimeUs>(random_.below(static_cast<std::uint64_t>(timers_.rekey_us / 8)));
  interval_us_ = 0;
  next_us_ = now.us;
  finished_generation_ = generation;
  if (!is_client) finished_ = std::move(attempt_);
  attempt_.reset();
}

void Pair::give_up(Moment now, PairOutput& out) {
  const std::string why = attempt_->refusal();
  attempt_.reset();
  if (why.empty()) interval_us_ = 0;  // an attempt takes long enough
  wait(timers_.retry_min_us, timers_.retry_max_us, now.us);
  if (!why.empty()) refuse(why, now.us, out);
}

// Each wait is twice as long as the one before, and up to a quarter more.
void Pair::wait(TimeUs min_us, TimeUs max_us, TimeUs now_us) {
  interval_us_ = std::clamp(interval_us_ * 2, min_us, max_us);
  next_us_ = now_us + interval_us_ +
             static_cast<TimeUs>(random_.below(static_cast<std::uint64_t>(interval_us_ / 4)));
}

// Not each time: a peer that is refused comes again and again, and whoever forges one could fill the journal.
void Pair::refuse(const std::string& why, TimeUs now_us, PairOutput& out) {
  constexpr TimeUs kOthers = 6;
  const TimeUs silent_us = why == said_ ? timers_.repeat_us : timers_.repeat_us / kOthers;
  if (now_us - said_us_ < silent_us) {
    ++unsaid_;
    return;
  }
  out.journal.push_back(entry(JournalKind::pair_refused, names_.peer, why, now_us));
  out.journal.back().numbers = {{"refused_since_last_entry", std::exchange(unsaid_, 0) + 1},
                                {"key_in_use", keys_.sending()}};
  said_ = why;
  said_us_ = now_us;
}

}  // namespace causeway::control::pair
