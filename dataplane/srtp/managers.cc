#include "dataplane/srtp/managers.h"

#include <stdexcept>
#include <string>

namespace causeway::srtp {

namespace {

struct IsaChoice {
  const char* name;
  std::uint64_t features;  // of the CPU, as IPsec-MB counts them
  void (*init)(IMB_MGR*);
};

void init_best(IMB_MGR* manager) {
  init_mb_mgr_auto(manager, nullptr);
}

IsaChoice choice_of(Isa isa) {
  switch (isa) {
    case Isa::best:
      return {"SSE4.2 and AES", IMB_CPUFLAGS_SSE, init_best};
    case Isa::sse:
      return {"SSE4.2 and AES", IMB_CPUFLAGS_SSE, init_mb_mgr_sse};
    case Isa::avx2:
      return {"AVX2 and AES", IMB_CPUFLAGS_AVX2, init_mb_mgr_avx2};
    case Isa::avx512:
      return {"AVX512 and AES", IMB_CPUFLAGS_AVX512, init_mb_mgr_avx512};
  }
  throw std::runtime_error("unknown instruction set");
}

// Up to so many messages the SHA extensions are faster than lanes of which the others stay empty.
struct Threshold {
  std::uint64_t from_bytes;  // of a message, on average
  std::size_t of_16_lanes;
  std::size_t of_8_lanes;
};
constexpr std::array<Threshold, 4> kThresholds{{{768, 4, 4}, {288, 5, 5}, {112, 7, 5}, {0, 9, 6}}};

}  // namespace

Managers::Manager Managers::make(void (*init)(IMB_MGR*), std::uint64_t flags) {
  Manager manager(alloc_mb_mgr(flags));
  if (!manager) throw std::runtime_error("SRTP ciphers: IPsec-MB has no memory for its manager");
  init(manager.get());
  if (const int error = imb_get_errno(manager.get()); error != 0) {
    throw std::runtime_error(std::string("SRTP ciphers: IPsec-MB: ") + imb_get_strerror(error));
  }
  return manager;
}

Managers::Managers(Isa isa, ShaExtensions sha) {
  const IsaChoice choice = choice_of(isa);
  const std::uint64_t features = imb_get_feature_flags();
  // Checked first: the library would fall into instructions that the CPU does not know.
  if ((features & choice.features) != choice.features) {
    throw std::runtime_error(std::string("SRTP ciphers: this CPU lacks ") + choice.name);
  }
  const bool with_sha = sha == ShaExtensions::use;
  widest_ = make(choice.init, with_sha ? 0 : IMB_FLAG_SHANI_OFF);
  // The narrower managers use the SHA extensions themselves.
  if (widest_->used_arch == IMB_ARCH_AVX512) lanes_ = 16;
  if (widest_->used_arch == IMB_ARCH_AVX2) lanes_ = 8;
  if (lanes_ != 0 && with_sha && (features & IMB_FEATURE_SHANI) != 0) sha_ = make(init_mb_mgr_sse, 0);
}

std::size_t Managers::tail_for_sha(std::span<const IMB_JOB> jobs) const {
  if (!sha_) return 0;
  const std::size_t tail = jobs.size() % lanes_;
  if (tail == 0) return 0;
  std::uint64_t bytes = 0;
  for (const IMB_JOB& job : jobs.last(tail))
    bytes += job.msg_len_to_hash_in_bytes;
  for (const Threshold& threshold : kThresholds) {
    if (bytes < threshold.from_bytes * tail) continue;
    return tail <= (lanes_ == 16 ? threshold.of_16_lanes : threshold.of_8_lanes) ? tail : 0;
  }
  return 0;
}

bool Managers::hash(std::span<IMB_JOB> jobs) {
  if (jobs.empty()) return true;
  const auto tail = static_cast<std::uint32_t>(tail_for_sha(jobs));
  const auto full = static_cast<std::uint32_t>(jobs.size()) - tail;
  bool done = true;
  if (full != 0) done = IMB_SUBMIT_HASH_BURST(widest_.get(), jobs.data(), full, IMB_AUTH_HMAC_SHA_1) == full;
  if (tail != 0) {
    done = IMB_SUBMIT_HASH_BURST(sha_.get(), jobs.data() + full, tail, IMB_AUTH_HMAC_SHA_1) == tail && done;
  }
  return done;
}

}  // namespace causeway::srtp
