#include "control/pair/keyring.h"

#include <algorithm>
#include <openssl/crypto.h>

namespace causeway::control::pair {

Keyring::~Keyring() {
  OPENSSL_cleanse(entries_.data(), sizeof entries_);
}

Generation Keyring::add(const wire::PairKey& key, bool peer_has_it, TimeUs now_us, KeyChanges& changes) {
  Entry& entry = room(changes);
  entry.generation = ++newest_;
  entry.until_us = kNever;
  entry.key = key;
  changes.push_back({KeyUse::accept, newest_});
  if (peer_has_it || sending_ == 0) send_with(newest_, now_us, changes);
  return newest_;
}

void Keyring::on_authentic(Generation generation, TimeUs now_us, KeyChanges& changes) {
  // A late frame of an older key takes nothing back.
  if (generation > sending_ && find(generation) != nullptr) send_with(generation, now_us, changes);
}

void Keyring::tick(TimeUs now_us, KeyChanges& changes) {
  for (Entry& entry : entries_) {
    if (entry.generation != 0 && entry.until_us <= now_us) forget(entry, changes);
  }
}

TimeUs Keyring::next_due_us() const {
  TimeUs due_us = kNever;
  for (const Entry& entry : entries_) {
    if (entry.generation != 0) due_us = std::min(due_us, entry.until_us);
  }
  return due_us;
}

const wire::PairKey* Keyring::find(Generation generation) const {
  if (generation == 0) return nullptr;
  const auto found = std::ranges::find(entries_, generation, &Entry::generation);
  return found == entries_.end() ? nullptr : &found->key;
}

// The oldest makes room, but never the one that is sent with: the peer may have no other.
Keyring::Entry& Keyring::room(KeyChanges& changes) {
  const auto rank = [this](const Entry& entry) {
    return entry.generation == sending_ && sending_ != 0 ? ~Generation{0} : entry.generation;
  };
  Entry& entry = *std::ranges::min_element(entries_, {}, rank);
  if (entry.generation != 0) forget(entry, changes);
  return entry;
}

void Keyring::forget(Entry& entry, KeyChanges& changes) {
  changes.push_back({KeyUse::forget, entry.generation});
  OPENSSL_cleanse(&entry, sizeof entry);
}

void Keyring::send_with(Generation generation, TimeUs now_us, KeyChanges& changes) {
  sending_ = generation;
  for (Entry& entry : entries_) {
    if (entry.generation != 0 && entry.generation < generation)
      entry.until_us = std::min(entry.until_us, now_us + grace_us_);
  }
  changes.push_back({KeyUse::send, generation});
}

}  // namespace causeway::control::pair
