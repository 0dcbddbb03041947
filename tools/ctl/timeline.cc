#include "tools/ctl/timeline.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "control/journal/time_text.h"
#include "tools/ctl/table.h"

namespace causeway::ctl {
namespace {

using Json = nlohmann::json;

struct Entry {
  std::int64_t at_ms = 0;
  std::string kind;
  std::string severity;
  std::string node;
  std::string track;
  std::string text;
  std::string evidence;
  std::uint64_t lost = 0;
};

std::string word(const Json& json, const char* key) {
  return printable(json.value(key, std::string()));
}

// Ids by key: when a track ends, the node may have forgotten how it is called.
std::map<std::string, std::string> names_of(const Json& items) {
  std::map<std::string, std::string> names;
  for (const Json& item : items) {
    if (item.contains("track") && item.contains("key")) names[word(item, "key")] = word(item, "track");
  }
  return names;
}

Entry entry_of(const Json& json, const std::map<std::string, std::string>& names) {
  Entry entry{.at_ms = json.at("at_ms").get<std::int64_t>(),
              .kind = word(json, "kind"),
              .severity = word(json, "severity"),
              .node = word(json, "node"),
              .track = word(json, json.contains("track") ? "track" : "key"),
              .text = word(json, "text"),
              .evidence = "",
              .lost = json.value("lost", std::uint64_t{0})};
  if (const auto name = names.find(entry.track); name != names.end()) entry.track = name->second;
  if (json.contains("numbers")) {
    for (const auto& [key, value] : json["numbers"].items())
      entry.evidence += (entry.evidence.empty() ? "" : ", ") + printable(key) + " " +
                        std::to_string(value.get<std::int64_t>());
  }
  return entry;
}

// Of a day nobody needs the date with each line.
std::string clock(std::int64_t ms) {
  return control::format_time(ms).substr(11, 12);
}

std::string between(std::int64_t from_ms, std::int64_t to_ms) {
  return duration(static_cast<double>(to_ms - from_ms) / 1000);
}

enum class Subject { node, drain, verdict, link, track };

struct Sort {
  std::string_view kind;
  Subject subject;
};
constexpr Sort kSorts[] = {
    {"soft_drain", Subject::drain},        {"hard_drain", Subject::drain},
    {"drain_ended", Subject::drain},       {"shadow_drain", Subject::drain},
    {"token_refused", Subject::drain},     {"operator_drain", Subject::drain},
    {"operator_undrain", Subject::drain},  {"verdict", Subject::verdict},
    {"verdict_cleared", Subject::verdict}, {"link_up", Subject::link},
    {"link_down", Subject::link},          {"link_suspected", Subject::link},
    {"link_settled", Subject::link},       {"flow_broken", Subject::link},
    {"flow_mended", Subject::link},        {"peer_started", Subject::link},
    {"pair_keyed", Subject::link},         {"pair_refused", Subject::link},
};

Subject subject_of(const Entry& entry) {
  const auto* found = std::ranges::find(kSorts, entry.kind, &Sort::kind);
  if (found != std::end(kSorts)) return found->subject;
  return entry.track.empty() ? Subject::node : Subject::track;
}

std::string list(const std::vector<Entry>& entries, Subject subject, const std::string& title) {
  std::string out;
  for (const Entry& entry : entries) {
    // Who reads of a link wants to know of its ends and not of each key.
    if (subject_of(entry) != subject || entry.kind == "pair_keyed" || entry.kind == "link_settled") continue;
    out +=
        "  " + clock(entry.at_ms) + "  " + (entry.node.empty() ? "" : entry.node + ": ") + entry.text + "\n";
  }
  return out.empty() ? "" : title + "\n" + out + "\n";
}

struct Track {
  std::optional<std::int64_t> first_media;
  std::optional<std::int64_t> last_media;  // of the last end
  std::optional<std::int64_t> starves_since;
  std::int64_t longest_ms = 0;
  std::size_t times = 0;
  bool has_alarm = false;
  bool has_ended = false;
};

std::string now_words(const Track& track) {
  if (track.starves_since) return "starves since " + clock(*track.starves_since);
  if (track.has_ended) return "ended";
  return track.first_media ? "flows" : "";
}

void follow(Track& track, const Entry& entry) {
  if (entry.kind == "relay_up" || entry.kind == "published") {
    if (!track.first_media) track.first_media = entry.at_ms;
    if (track.starves_since)
      track.longest_ms = std::max(track.longest_ms, entry.at_ms - *track.starves_since);
    track.starves_since.reset();
    track.has_ended = false;
  } else if (entry.kind == "relay_starved") {
    if (!track.starves_since) track.starves_since = entry.at_ms;
    ++track.times;
    track.last_media = entry.at_ms;
  } else if (entry.kind == "relay_ended" || entry.kind == "unpublished") {
    track.starves_since.reset();
    track.last_media = entry.at_ms;
    track.has_ended = true;
  } else if (entry.kind == "starvation") {
    track.has_alarm = true;
  }
}

std::string tracks(const std::vector<Entry>& entries) {
  std::map<std::string, Track> all;
  for (const Entry& entry : entries) {
    if (subject_of(entry) == Subject::track) follow(all[entry.track], entry);
  }
  if (all.empty()) return "";
  Table table({"TRACK", "FIRST MEDIA", "LAST END", ">STARVED", ">LONGEST", "NOW", "ALARM"});
  for (auto& [name, track] : all) {
    if (track.starves_since)
      track.longest_ms = std::max(track.longest_ms, entries.back().at_ms - *track.starves_since);
    table.add({name, track.first_media ? clock(*track.first_media) : "before",
               track.last_media ? clock(*track.last_media) : "-", std::to_string(track.times) + " times",
               track.times == 0 ? "-" : duration(static_cast<double>(track.longest_ms) / 1000),
               now_words(track), track.has_alarm ? "yes" : ""});
  }
  return "Tracks\n" + table.text() + "\n";
}

std::string each(const std::vector<Entry>& entries) {
  Table table({"TIME", "SEVERITY", "KIND", "ABOUT", "WHAT, AND THE EVIDENCE"});
  for (const Entry& entry : entries) {
    if (entry.lost != 0)
      table.add({clock(entry.at_ms), "", "", "",
                 std::to_string(entry.lost) + " entries before this did not come to the disk"});
    std::string about = entry.track;
    if (!entry.node.empty()) about += (about.empty() ? "" : " ") + entry.node;
    table.add({clock(entry.at_ms), entry.severity, entry.kind, about,
               entry.text + (entry.evidence.empty() ? "" : " [" + entry.evidence + "]")});
  }
  return "All of it\n" + table.text();
}

std::string notes(const Json& journal) {
  std::string out;
  if (const auto torn = journal.value("torn", 0); torn != 0)
    out += std::to_string(torn) + " lines were torn by a crash or a full disk, and are left out.\n";
  if (journal.contains("problem") && journal["problem"].is_string())
    out += "Not all could be read: " + printable(journal["problem"].get<std::string>()) + "\n";
  return out;
}

}  // namespace

std::string timeline_text(const Json& journal) {
  std::vector<Entry> entries;
  const std::map<std::string, std::string> names = names_of(journal.at("items"));
  for (const Json& item : journal.at("items"))
    entries.push_back(entry_of(item, names));
  if (entries.empty()) return notes(journal) + "Nothing happened in this time, as far as the journal goes.\n";
  std::ranges::stable_sort(entries, {}, &Entry::at_ms);
  const std::int64_t first = entries.front().at_ms;
  const std::int64_t last = entries.back().at_ms;
  return "From " + control::format_time(first) + " to " + control::format_time(last) + " (" +
         between(first, last) + "), " + std::to_string(entries.size()) + " entries. Times are UTC.\n" +
         notes(journal) + "\n" + list(entries, Subject::node, "This node") +
         list(entries, Subject::drain, "Drains") + list(entries, Subject::verdict, "Verdicts") +
         list(entries, Subject::link, "Links") + tracks(entries) + each(entries);
}

}  // namespace causeway::ctl
