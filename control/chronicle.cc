#include "control/chronicle.h"

#include <array>

#include <spdlog/spdlog.h>

#include "control/clock.h"
#include "control/journal/reader.h"

namespace causeway::control {
namespace {

// Most sentences are about a track, and do not name it.
void log(const JournalEntry& entry, const std::string* track) {
  constexpr std::array kLevels{spdlog::level::info, spdlog::level::info, spdlog::level::warn,
                               spdlog::level::err};
  spdlog::log(kLevels[static_cast<std::size_t>(severity(entry.kind))], "{}: {}{}{}", name(entry.kind),
              track == nullptr ? "" : *track, track == nullptr ? "" : " ", entry.text);
}

std::unique_ptr<JournalWriter> make_writer(const std::string& path, std::uint64_t megabytes) {
  if (path.empty()) return nullptr;
  return std::make_unique<JournalWriter>(
      JournalWriter::Settings{.path = path, .most_bytes = megabytes << 20});
}

}  // namespace

std::string journal_path(const config::Config& config) {
  if (config.fleet.nodes.empty() || config.fleet.journal_mb == 0) return "";
  return config.fleet.state_folder + "/" + config.node.name + ".journal";
}

Chronicle::Chronicle(const config::Config& config, const session::State& state, const fleet::Fleet* fleet)
    : state_(state),
      nodes_(fleet == nullptr ? std::vector<std::string>{} : fleet->roster().names),
      boot_(fleet == nullptr ? 0 : fleet->boot()),
      path_(journal_path(config)),
      writer_(make_writer(path_, config.fleet.journal_mb)) {}

void Chronicle::take(const Journal& entries, TimeUs now_us) {
  for (const JournalEntry& entry : entries) {
    const std::string* track = state_.track_id(entry.track);
    log(entry, track);
    if (!writer_) continue;
    Record record{.at_ms = wall_ms() - (now_us - entry.at_us) / 1000,
                  .at_us = entry.at_us,
                  .boot = boot_,
                  .kind = std::string(name(entry.kind)),
                  .severity = std::string(name(severity(entry.kind))),
                  .node = entry.peer < nodes_.size() ? nodes_[entry.peer] : "",
                  .key = entry.track == TrackKey{} ? "" : to_text(entry.track),
                  .track = track == nullptr ? "" : *track,
                  .text = entry.text};
    record.numbers.assign(entry.numbers.begin(), entry.numbers.end());
    writer_->add(std::move(record));
  }
  if (!writer_) return;
  if (const auto error = writer_->take_error())
    spdlog::error("the journal is not written, and that is tried again: {}", *error);
}

JournalWriter::Counters Chronicle::counters() const {
  return writer_ ? writer_->counters() : JournalWriter::Counters{};
}

JournalReader Chronicle::reader() const {
  if (path_.empty()) return {};
  return [path = path_](const JournalQuery& query) { return read_journal(path, query); };
}

}  // namespace causeway::control
