// Key material: wiped when it goes, and never printed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace causeway::config {

// Bytes that nobody may log. Copyable (configs are values); each copy wipes itself.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::uint8_t> bytes);
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::span<const std::uint8_t> bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  void wipe();
  std::vector<std::uint8_t> bytes_;
};

}  // namespace causeway::config
