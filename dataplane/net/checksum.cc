#include "dataplane/net/checksum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <immintrin.h>

#include "dataplane/net/bytes.h"

namespace causeway::net {
namespace {

// The sums run in the machine's byte order, eight bytes at a time: one's-complement addition does not care
// about the order of the bytes until the end (RFC 1071, 2 (B)).
template <class Word>
std::uint64_t load(const std::uint8_t* p) {
  Word v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// End-around carry.
std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + (sum < a);
}

// A sum plus itself with its halves swapped has their end-around sum in its upper half.
std::uint16_t fold(std::uint64_t sum) {
  sum += std::rotr(sum, 32);
  auto half = static_cast<std::uint32_t>(sum >> 32);
  half += std::rotr(half, 16);
  return static_cast<std::uint16_t>(half >> 16);
}

constexpr std::size_t kVectorsFrom = 64;

// `sum` is in the machine's byte order, `initial` in the network's, as the result.
std::uint16_t finish(std::uint64_t sum, std::uint32_t initial) {
  return __builtin_bswap16(fold(add(sum, __builtin_bswap16(fold(initial)))));
}

// The vectors hold words as signed numbers, w - 2^15, which multiply-and-add sums up in pairs; what that
// lacks is 2^15 for each word. Up to this length no sum of them overflows 32 bits.
constexpr std::size_t kVectorsUpTo = 1 << 16;
constexpr short kSignFlip = -0x8000;

template <std::size_t N>
std::uint64_t without_signs(const std::array<std::int32_t, N>& lanes, std::size_t words) {
  std::int32_t sum = 0;
  for (const std::int32_t lane : lanes)
    sum += lane;
  return static_cast<std::uint64_t>(sum + (std::int64_t{1} << 15) * static_cast<std::int64_t>(words));
}

}  // namespace

namespace detail {

std::uint64_t sum_scalar(std::span<const std::uint8_t> data) {
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  // Four accumulators: the carries of one do not wait for those of the others.
  std::uint64_t a = 0, b = 0, c = 0, d = 0;
  for (; left >= 32; p += 32, left -= 32) {
    a = add(a, load<std::uint64_t>(p));
    b = add(b, load<std::uint64_t>(p + 8));
    c = add(c, load<std::uint64_t>(p + 16));
    d = add(d, load<std::uint64_t>(p + 24));
  }
  for (; left >= 8; p += 8, left -= 8) {
    a = add(a, load<std::uint64_t>(p));
  }
  // The rest in pieces of constant size, which need no call.
  if ((left & 4) != 0) {
    b = add(b, load<std::uint32_t>(p));
    p += 4;
  }
  if ((left & 2) != 0) {
    c = add(c, load<std::uint16_t>(p));
    p += 2;
  }
  if ((left & 1) != 0) d = add(d, *p);
  return add(add(a, b), add(c, d));
}

__attribute__((target("avx2"))) std::uint64_t sum_avx2(std::span<const std::uint8_t> data) {
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  const __m256i flip = _mm256_set1_epi16(kSignFlip);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i a = _mm256_setzero_si256();
  __m256i b = _mm256_setzero_si256();
  std::size_t words = 0;
  for (; left >= 64; p += 64, left -= 64, words += 32) {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    a = _mm256_add_epi32(a, _mm256_madd_epi16(_mm256_xor_si256(first, flip), ones));
    b = _mm256_add_epi32(b, _mm256_madd_epi16(_mm256_xor_si256(second, flip), ones));
  }
  std::array<std::int32_t, 8> lanes;
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes.data()), _mm256_add_epi32(a, b));
  return add(without_signs(lanes, words), sum_scalar({p, left}));
}

}  // namespace detail

std::uint16_t ones_sum(std::span<const std::uint8_t> data, std::uint32_t initial) {
  // Short data, as headers are, is not worth the vectors' set-up.
  if (data.size() >= kVectorsFrom && data.size() <= kVectorsUpTo) {
    if (__builtin_cpu_supports("avx2")) return finish(detail::sum_avx2(data), initial);
  }
  return finish(detail::sum_scalar(data), initial);
}

std::uint16_t udp_pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                    std::uint16_t udp_length) {
  constexpr std::uint32_t kUdp = 17;
  return ones_sum(destination.wire(), ones_sum(source.wire(), kUdp + udp_length));
}

std::uint16_t udp_checksum(const IpAddress& source, const IpAddress& destination,
                           std::span<const std::uint8_t> udp) {
  const auto length = static_cast<std::uint16_t>(udp.size());
  const auto checksum =
      static_cast<std::uint16_t>(~ones_sum(udp, udp_pseudo_header_sum(source, destination, length)));
  return checksum == 0 ? 0xffff : checksum;
}

std::uint16_t ipv4_header_checksum(std::span<const std::uint8_t> header) {
  return static_cast<std::uint16_t>(~ones_sum(header));
}

}  // namespace causeway::net
