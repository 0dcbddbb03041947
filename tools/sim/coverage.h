// Which paths of the core a run reached: what never happens was not tested.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "control/journal/entry.h"
#include "control/relay/message.h"
#include "control/wire/frame.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/plan.h"

namespace causeway::sim {

inline constexpr std::size_t kActionKinds = 24;
std::string_view name(ActionKind kind);

// What happens to the world itself and is rare. X(name, help)
#define CAUSEWAY_WORLD_PATHS(X)                                                      \
  X(stall_ring_full, "a stalled control thread's ring took no more datagrams")       \
  X(crash_while_writing, "a node died while its watermark was being written")        \
  X(stalled_restart, "a node died while its control thread stood still")             \
  X(kept_over_restart, "a node came back and took the track up again as its origin") \
  X(moved_in_stall, "a publisher left a node whose control thread stood still")      \
  X(two_publishers, "a track had publishers at two nodes at once")                   \
  X(three_hops, "a packet was sent on by three nodes")                               \
  X(fed_by_relay, "a node took a track from one that is not its origin")             \
  X(both_upstreams, "a node had an upstream and a different, acknowledged one (R6)") \
  X(token_granted, "the arbiter gave a token")                                       \
  X(token_withheld, "the arbiter refused one")                                       \
  X(token_unanswered, "the arbiter could not be reached")                            \
  X(common_mode, "the arbiter said that others look islanded, too")                  \
  X(convicted, "a node convicted a peer")                                            \
  X(convicted_wrongly, "a node convicted a peer that was up and heard by others")    \
  X(clock_behind, "a clock stepped back")

enum class WorldPath : std::uint8_t {
#define CAUSEWAY_PATH(name, help) name,
  CAUSEWAY_WORLD_PATHS(CAUSEWAY_PATH)
#undef CAUSEWAY_PATH
};
inline constexpr std::size_t kWorldPaths = 16;

class Coverage {
 public:
  void on_record(control::wire::RecordType type) { ++records_[static_cast<std::uint8_t>(type)]; }
  void on_nack(control::relay::NackReason reason) { ++nacks_[static_cast<std::size_t>(reason)]; }
  void on_withdraw(control::relay::WithdrawReason reason) { ++withdraws_[static_cast<std::size_t>(reason)]; }
  void on_packet(PacketEnd end) { ++packets_[static_cast<std::size_t>(end)]; }
  void on_journal(control::JournalKind kind) { ++journal_[static_cast<std::size_t>(kind)]; }
  void on_action(ActionKind kind) { ++actions_[static_cast<std::size_t>(kind)]; }
  void on(WorldPath path) { ++world_[static_cast<std::size_t>(path)]; }

  std::uint64_t nacks(control::relay::NackReason reason) const {
    return nacks_[static_cast<std::size_t>(reason)];
  }
  std::uint64_t journal(control::JournalKind kind) const { return journal_[static_cast<std::size_t>(kind)]; }
  std::uint64_t actions(ActionKind kind) const { return actions_[static_cast<std::size_t>(kind)]; }
  std::uint64_t world(WorldPath path) const { return world_[static_cast<std::size_t>(path)]; }

  void add(const Coverage& other);

  // visit(name, count), for each path, reached or not.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const RecordName& record : record_names())
      visit("record " + std::string(record.name), records_[static_cast<std::uint8_t>(record.type)]);
    list("nack ", nacks_, nack_names(), visit);
    list("withdraw ", withdraws_, withdraw_names(), visit);
    list("packet ", packets_, packet_names(), visit);
    list("journal ", journal_, kJournalNames, visit);
    list("action ", actions_, action_names(), visit);
    list("world ", world_, world_names(), visit);
  }

 private:
  static constexpr std::string_view kJournalNames[] = {
#define CAUSEWAY_NAME(kind, severity, help) #kind,
      CAUSEWAY_JOURNAL(CAUSEWAY_NAME)
#undef CAUSEWAY_NAME
  };
  static constexpr std::size_t kJournalKinds = std::size(kJournalNames);
  static constexpr std::size_t kPacketEnds = 6;
  static constexpr std::size_t kRecords = 15;

  struct RecordName {
    control::wire::RecordType type;
    std::string_view name;
  };
  static const std::array<RecordName, kRecords>& record_names();
  static const std::array<std::string_view, control::relay::kNackReasons>& nack_names();
  static const std::array<std::string_view, control::relay::kWithdrawReasons>& withdraw_names();
  static const std::array<std::string_view, kPacketEnds>& packet_names();
  static const std::array<std::string_view, kActionKinds>& action_names();
  static const std::array<std::string_view, kWorldPaths>& world_names();
  friend std::string_view name(ActionKind kind);

  template <class Counts, class Names, class Visit>
  static void list(std::string_view kind, const Counts& counts, const Names& names, Visit&& visit) {
    for (std::size_t i = 0; i < std::size(names); ++i)
      visit(std::string(kind) + std::string(names[i]), counts[i]);
  }

  std::array<std::uint64_t, 256> records_{};
  std::array<std::uint64_t, control::relay::kNackReasons> nacks_{};
  std::array<std::uint64_t, control::relay::kWithdrawReasons> withdraws_{};
  std::array<std::uint64_t, kPacketEnds> packets_{};
  std::array<std::uint64_t, kJournalKinds> journal_{};
  std::array<std::uint64_t, kActionKinds> actions_{};
  std::array<std::uint64_t, kWorldPaths> world_{};
};

}  // namespace causeway::sim
