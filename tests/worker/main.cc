// GoogleTest inside DPDK's environment: no huge page, no device, no root.
#include <array>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>
#include <rte_eal.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::array<std::string, 10> arguments{
      "workers", "--no-huge",      "--no-shconf",   "--no-pci",      "-m",
      "512",     "--no-telemetry", "--log-level=5", "--file-prefix", "worker-" + std::to_string(getpid())};
  std::array<char*, 10> argv_eal{};
  for (std::size_t i = 0; i < arguments.size(); ++i)
    argv_eal[i] = arguments[i].data();
  if (rte_eal_init(static_cast<int>(argv_eal.size()), argv_eal.data()) < 0) return 1;
  const int result = RUN_ALL_TESTS();
  rte_eal_cleanup();
  return result;
}
