// IPsec-MB's managers, and which of them hashes how much. Its widest one hashes as many messages at once as
// it has lanes and takes as long for one as for all of them; the SHA extensions take the messages one or two
// at a time, and win when lanes would stay empty. The figures are in
// docs/decisions/0008-manager-by-batch-size.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

// Whether the SHA extensions are used if the machine has them. Tests turn them off.
enum class ShaExtensions : std::uint8_t { use, leave };

class Managers {
 public:
  // Throws std::runtime_error if the machine lacks the instructions.
  explicit Managers(Isa isa, ShaExtensions sha = ShaExtensions::use);

  // For all but hashes.
  IMB_MGR& widest() const { return *widest_; }

  // HMAC-SHA1 of all jobs. False: the library refused, and no tag may be used.
  bool hash(std::span<IMB_JOB> jobs);

 private:
  struct FreeManager {
    void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
  };
  using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

  static Manager make(void (*init)(IMB_MGR*), std::uint64_t flags);
  std::size_t tail_for_sha(std::span<const IMB_JOB> jobs) const;

  Manager widest_;
  Manager sha_;            // null if it would not be faster for anything
  std::size_t lanes_ = 0;  // of the widest manager's SHA-1
};

}  // namespace causeway::srtp
