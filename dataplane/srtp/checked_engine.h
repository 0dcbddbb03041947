// An engine around another one that holds the first rule of every stream cipher: never two different packets
// under one key, SSRC and index (RFC 3711, 9.1; with GCM it would give away the authentication key: RFC
// 7714, 14.1). It remembers what was sealed and ends the process when the same index comes with another
// content. For tests, and for builds with -Dcheck_indices=true.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

// As the inner engine, but sealing allocates. Keys expanded by other engines are known by their fingerprints.
class CheckedEngine final : public Engine {
 public:
  static constexpr std::size_t kWindow = 256;    // indices remembered of a stream: one for each residue
  static constexpr std::size_t kStreams = 4096;  // remembered; a new one beyond that replaces another

  explicit CheckedEngine(std::unique_ptr<Engine> inner);

  std::unique_ptr<SessionKeys> expand(Suite suite, std::span<const std::uint8_t> master_key,
                                      std::span<const std::uint8_t> master_salt) const override;
  void open_rtp(std::span<OpenJob> jobs) override;
  void open_rtcp(std::span<OpenJob> jobs) override;
  void seal_rtp(std::span<SealJob> jobs) override;
  void seal_rtcp(std::span<SealJob> jobs) override;

 private:
  struct StreamName {
    std::uint64_t keys;  // fingerprint
    std::uint32_t ssrc;
    bool rtcp;
    auto operator<=>(const StreamName&) const = default;
  };
  struct Sealed {
    std::uint64_t index = 0;
    std::uint64_t digest = 0;
    bool used = false;
  };
  using Window = std::array<Sealed, kWindow>;  // by index % kWindow

  void remember(std::span<const SealJob> jobs, bool rtcp);
  Window& window(const StreamName& name);

  std::unique_ptr<Engine> inner_;
  std::map<StreamName, Window> streams_;
};

}  // namespace causeway::srtp
