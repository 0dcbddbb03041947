#include "dataplane/srtp/index.h"

#include <algorithm>

namespace causeway::srtp {

namespace {

constexpr std::uint64_t kHalfSequence = 1u << 15;
constexpr std::uint64_t kRollover = 1u << 16;
constexpr std::uint64_t kWordBits = 64;

}  // namespace

ReplayWindow::Verdict ReplayWindow::check(std::uint64_t index) const {
  if (!started_ || index > highest_) return Verdict::fresh;
  if (highest_ - index >= kSize) return Verdict::too_old;
  const std::uint64_t word = bits_[(index / kWordBits) % bits_.size()];
  return (word >> (index % kWordBits)) & 1 ? Verdict::replayed : Verdict::fresh;
}

ReplayWindow::Verdict ReplayWindow::accept(std::uint64_t index) {
  const Verdict verdict = check(index);
  if (verdict != Verdict::fresh) return verdict;
  if (!started_) {
    started_ = true;
    highest_ = index;
  } else if (index > highest_) {
    forget(highest_ + 1, index - highest_);
    highest_ = index;
  }
  bits_[(index / kWordBits) % bits_.size()] |= std::uint64_t{1} << (index % kWordBits);
  return verdict;
}

void ReplayWindow::forget(std::uint64_t first, std::uint64_t count) {
  if (count >= kSize) {
    bits_.fill(0);
    return;
  }
  while (count > 0) {
    const std::uint64_t bit = first % kWordBits;
    const std::uint64_t in_word = std::min(count, kWordBits - bit);
    const std::uint64_t ones = ~std::uint64_t{0} >> (kWordBits - in_word);
    bits_[(first / kWordBits) % bits_.size()] &= ~(ones << bit);
    first += in_word;
    count -= in_word;
  }
}

std::uint64_t estimate_index(std::uint64_t highest, std::uint16_t sequence) {
  const std::uint64_t rollovers = highest / kRollover * kRollover;
  const std::uint64_t newest = highest % kRollover;
  if (newest < kHalfSequence) {
    const bool before_wrap = sequence > newest + kHalfSequence && rollovers > 0;
    return rollovers - (before_wrap ? kRollover : 0) + sequence;
  }
  const bool after_wrap = sequence < newest - kHalfSequence;
  return rollovers + (after_wrap ? kRollover : 0) + sequence;
}

std::uint64_t RtpIndex::estimate(std::uint16_t sequence) const {
  return window_.started() ? estimate_index(window_.highest(), sequence) : sequence;
}

std::uint64_t RtpIndex::estimate_plain(std::uint16_t sequence) {
  const std::uint64_t index = estimate(sequence);
  if (window_.check(index) != ReplayWindow::Verdict::too_old) return index;
  const bool proven = sequence == awaited_after_jump_;
  awaited_after_jump_ = static_cast<std::uint16_t>(sequence + 1);
  return proven ? (window_.highest() / kRollover + 1) * kRollover + sequence : index;
}

}  // namespace causeway::srtp
