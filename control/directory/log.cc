#include "control/directory/log.h"

namespace causeway::control::directory {

void Log::append(const Change& change) {
  const std::size_t place = last_ % capacity_;
  ++last_;
  if (place == ring_.size()) {
    ring_.push_back(change);
  } else {
    ring_[place] = change;
  }
}

void Log::fill(Sequence from, Sequence to, Delta& delta) const {
  delta.first = from;
  delta.count = 0;
  std::size_t left = wire::kMaxRecordBytes - Delta::kHeaderBytes;
  for (Sequence sequence = from; sequence <= to && delta.count < Delta::kMaxChanges; ++sequence) {
    const Change& change = ring_[(sequence - 1) % capacity_];
    if (wire_bytes(change) > left) return;
    left -= wire_bytes(change);
    delta.changes[delta.count++] = change;
  }
}

}  // namespace causeway::control::directory
