#include "tools/sim/coverage.h"

#include "control/journal/entry.h"

namespace causeway::sim {

using control::wire::RecordType;

const std::array<Coverage::RecordName, Coverage::kRecords>& Coverage::record_names() {
  static constexpr std::array<RecordName, kRecords> kNames{{
      {RecordType::beat, "beat"},
      {RecordType::probe_request, "probe_request"},
      {RecordType::probe_reply, "probe_reply"},
      {RecordType::subscribe, "subscribe"},
      {RecordType::ack, "ack"},
      {RecordType::nack, "nack"},
      {RecordType::unsubscribe, "unsubscribe"},
      {RecordType::withdraw, "withdraw"},
      {RecordType::stamp_request, "stamp_request"},
      {RecordType::advert, "advert"},
      {RecordType::directory_delta, "directory_delta"},
      {RecordType::directory_digest, "directory_digest"},
      {RecordType::directory_request, "directory_request"},
      {RecordType::directory_bucket_hashes, "directory_bucket_hashes"},
      {RecordType::directory_bucket, "directory_bucket"},
  }};
  return kNames;
}

const std::array<std::string_view, control::relay::kNackReasons>& Coverage::nack_names() {
  static constexpr std::array<std::string_view, control::relay::kNackReasons> kNames{
#define CAUSEWAY_NAME(name, help) #name,
      CAUSEWAY_NACKS(CAUSEWAY_NAME)
#undef CAUSEWAY_NAME
  };
  return kNames;
}

const std::array<std::string_view, control::relay::kWithdrawReasons>& Coverage::withdraw_names() {
  static constexpr std::array<std::string_view, control::relay::kWithdrawReasons> kNames{"not_fed", "ended",
                                                                                         "in_path"};
  return kNames;
}

const std::array<std::string_view, Coverage::kPacketEnds>& Coverage::packet_names() {
  static constexpr std::array<std::string_view, kPacketEnds> kNames{"forwarded", "reported", "stranger",
                                                                    "stale",     "too_far",  "own"};
  return kNames;
}

const std::array<std::string_view, kActionKinds>& Coverage::action_names() {
  static constexpr std::array<std::string_view, kActionKinds> kNames{
      "cut",          "cut_one_way", "cut_flow",       "heal",          "loss",           "delay",
      "duplicate",    "reorder",     "stall",          "clock_step",    "restart",        "restart_all",
      "freeze_media", "thaw_media",  "lose_directory", "lie_directory", "lose_watermark", "publish",
      "unpublish",    "move",        "subscribe",      "unsubscribe",   "arbiter_down",   "arbiter_up",
  };
  return kNames;
}

const std::array<std::string_view, kWorldPaths>& Coverage::world_names() {
  static constexpr std::array<std::string_view, kWorldPaths> kNames{
#define CAUSEWAY_NAME(name, help) #name,
      CAUSEWAY_WORLD_PATHS(CAUSEWAY_NAME)
#undef CAUSEWAY_NAME
  };
  return kNames;
}

std::string_view name(ActionKind kind) {
  return Coverage::action_names()[static_cast<std::size_t>(kind)];
}

void Coverage::add(const Coverage& other) {
  const auto sum = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < to.size(); ++i)
      to[i] += from[i];
  };
  sum(records_, other.records_);
  sum(nacks_, other.nacks_);
  sum(withdraws_, other.withdraws_);
  sum(packets_, other.packets_);
  sum(journal_, other.journal_);
  sum(actions_, other.actions_);
  sum(world_, other.world_);
}

}  // namespace causeway::sim
