// Big-endian reading and writing that never leaves its span. A failure sticks: check once, at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "control/wire/ids.h"
#include "dataplane/net/bytes.h"

namespace causeway::control::wire {

class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> room) : room_(room) {}

  void u8(std::uint8_t value) {
    if (std::uint8_t* p = take(1)) *p = value;
  }
  void u16(std::uint16_t value) {
    if (std::uint8_t* p = take(2)) net::store_be16(p, value);
  }
  void u32(std::uint32_t value) {
    if (std::uint8_t* p = take(4)) net::store_be32(p, value);
  }
  void u64(std::uint64_t value) {
    if (std::uint8_t* p = take(8)) net::store_be64(p, value);
  }
  void bytes(std::span<const std::uint8_t> value) {
    if (std::uint8_t* p = take(value.size()); p != nullptr && !value.empty()) {
      std::memcpy(p, value.data(), value.size());
    }
  }
  void track(const TrackKey& key) {
    u64(key.high);
    u64(key.low);
  }
  void nodes(const NodeSet& set) {
    u64(set.words()[0]);
    u64(set.words()[1]);
  }

  bool failed() const { return failed_; }     // something did not fit
  std::size_t size() const { return size_; }  // bytes written
  std::size_t left() const { return room_.size() - size_; }
  std::span<const std::uint8_t> written() const { return room_.first(size_); }

 private:
  std::uint8_t* take(std::size_t count) {
    if (failed_ || count > left()) {
      failed_ = true;
      return nullptr;
    }
    std::uint8_t* p = room_.data() + size_;
    size_ += count;
    return p;
  }

  std::span<std::uint8_t> room_;
  std::size_t size_ = 0;
  bool failed_ = false;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> data) : data_(data) {}

  std::uint8_t u8() {
    const std::uint8_t* p = take(1);
    return p == nullptr ? 0 : *p;
  }
  std::uint16_t u16() {
    const std::uint8_t* p = take(2);
    return p == nullptr ? 0 : net::load_be16(p);
  }
  std::uint32_t u32() {
    const std::uint8_t* p = take(4);
    return p == nullptr ? 0 : net::load_be32(p);
  }
  std::uint64_t u64() {
    const std::uint8_t* p = take(8);
    return p == nullptr ? 0 : net::load_be64(p);
  }
  std::span<const std::uint8_t> bytes(std::size_t count) {
    const std::uint8_t* p = take(count);
    return p == nullptr ? std::span<const std::uint8_t>() : std::span(p, count);
  }
  TrackKey track() {
    TrackKey key;
    key.high = u64();
    key.low = u64();
    return key;
  }
  NodeSet nodes() {
    const std::uint64_t low = u64();
    return NodeSet({low, u64()});
  }

  bool failed() const { return failed_; }                  // something was read that is not there
  bool done() const { return !failed_ && data_.empty(); }  // all was there, and nothing is left
  std::size_t left() const { return data_.size(); }

 private:
  const std::uint8_t* take(std::size_t count) {
    if (failed_ || count > data_.size()) {
      failed_ = true;
      data_ = {};
      return nullptr;
    }
    const std::uint8_t* p = data_.data();
    data_ = data_.subspan(count);
    return p;
  }

  std::span<const std::uint8_t> data_;
  bool failed_ = false;
};

}  // namespace causeway::control::wire
