// One row for each node and track that it wants or publishes: a bar in the colour of the node that feeds it,
// red where it is wanted and nothing comes. Above, the faults and a number for each action; below, drains,
// nodes that are down, alarms and violations, and the actions in words.
#include <algorithm>
#include <array>
#include <map>

#include "tools/sim/story/actions.h"
#include "tools/sim/story/fault_spans.h"
#include "tools/sim/story/story.h"
#include "tools/sim/story/svg.h"

namespace causeway::sim {
namespace {

constexpr double kLeft = 190;
constexpr double kWidth = 1000;
constexpr double kRight = kLeft + kWidth;
constexpr double kPage = kRight + 40;
constexpr double kRow = 22;
constexpr double kBar = 15;
constexpr double kTop = 84;  // of the first fault
constexpr std::size_t kMostRows = 200;
constexpr std::size_t kMostFaultRows = 8;
constexpr std::size_t kMostActions = 60;
constexpr std::size_t kMostMarks = 2000;
// Told apart also by who does not see red and green apart: the labels are in the bars.
constexpr std::array<const char*, 10> kColours{"#2b6cb0", "#2f855a", "#b7791f", "#6b46c1", "#0987a0",
                                               "#9c4221", "#4a5568", "#97266d", "#276749", "#2c5282"};
constexpr const char* kRed = "#e53e3e";
constexpr const char* kOrange = "#ed8936";
constexpr const char* kWine = "#702459";
constexpr const char* kBlack = "#1a202c";
constexpr const char* kGrey = "#718096";
constexpr const char* kPale = "#f1f5f9";
constexpr const char* kSmallWhite = R"(font-size="10" fill="white")";

const char* colour(std::size_t node) {
  return kColours[node % kColours.size()];
}

// Between two marks of the axis: some ten of them, at times that people count in.
TimeUs tick_us(TimeUs length_us) {
  constexpr TimeUs kSecond = 1'000'000;
  for (const TimeUs us : {kSecond / 100, kSecond / 20, kSecond / 10, kSecond / 2, kSecond, 2 * kSecond,
                          5 * kSecond, 10 * kSecond, 15 * kSecond, 30 * kSecond, 60 * kSecond, 120 * kSecond,
                          300 * kSecond, 600 * kSecond, 1800 * kSecond, 3600 * kSecond}) {
    if (length_us / us <= 12) return us;
  }
  return length_us / 8 + 1;
}

struct RowKey {
  std::size_t track;
  NodeId node;
  auto operator<=>(const RowKey&) const = default;
};

class Painter {
 public:
  explicit Painter(const Story& story)
      : story_(story), length_us_(std::max<TimeUs>(story.result.simulated_us, 1)) {
    for (const Stretch& stretch : story.stretches) {
      if (stretch.part.is_wanted || stretch.part.is_origin) rows_.push_back({stretch.track, stretch.node});
    }
    std::ranges::sort(rows_);
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    hidden_rows_ = rows_.size() - std::min(rows_.size(), kMostRows);
    rows_.resize(rows_.size() - hidden_rows_);
  }

  std::string paint() {
    svg_.text(12, 24, story_.plan.name, R"(font-size="17" font-weight="bold")");
    const double tracks_top = place_faults();
    place_rows(tracks_top);
    paint_shades();
    paint_axis();
    paint_numbers();
    paint_faults();
    for (std::size_t row = 0; row < rows_.size(); ++row)
      paint_row(row);
    paint_shifts();
    paint_marks();
    paint_legend();
    paint_actions();
    return svg_.page(kPage, bottom_ + 16);
  }

 private:
  struct Lane {
    FaultSpan span;
    std::size_t lane = 0;
  };

  double x(TimeUs at_us) const {
    return kLeft +
           kWidth * static_cast<double>(std::min(at_us, length_us_)) / static_cast<double>(length_us_);
  }
  std::string time(TimeUs at_us) const { return clock_text(story_.plan, at_us); }
  std::string from_to(TimeUs from_us, TimeUs to_us) const { return time(from_us) + " to " + time(to_us); }
  void row_name(double top, const std::string& words, const char* more = "") {
    svg_.text(kLeft - 8, top + kBar - 3, words, std::string("text-anchor=\"end\" ") + more);
  }
  // In a bar, as far as there is room.
  void label(double left, double top, double width, const std::string& words, const char* more) {
    if (width > room_for(words)) svg_.text(left + 5, top + kBar - 4, words, more);
  }
  static double room_for(const std::string& words) { return 5.5 * static_cast<double>(words.size()) + 10; }
  void bar(double top, TimeUs from_us, TimeUs to_us, const char* fill, const std::string& title,
           const std::string& words, const char* more = "") {
    const double width = x(to_us) - x(from_us);
    svg_.rect(x(from_us), top, width, kBar, fill, title + ", " + from_to(from_us, to_us), more);
    label(x(from_us), top, width, words, *more == 0 ? kSmallWhite : R"(font-size="10")");
  }

  // Faults that overlap lie below each other. Returns where the tracks begin.
  double place_faults() {
    std::vector<TimeUs> free_us;
    for (const FaultSpan& span : fault_spans(story_.plan, length_us_)) {
      std::size_t lane = 0;
      while (lane < free_us.size() && free_us[lane] > span.from_us)
        ++lane;
      if (lane >= kMostFaultRows) continue;
      if (lane == free_us.size()) free_us.push_back(0);
      free_us[lane] = span.to_us;
      faults_.push_back({span, lane});
    }
    return kTop + static_cast<double>(free_us.size()) * (kBar + 3) + (free_us.empty() ? 0 : 12);
  }

  // Tracks are set apart.
  void place_rows(double top) {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (row > 0 && rows_[row].track != rows_[row - 1].track) top += 8;
      tops_.push_back(top);
      top += kRow;
    }
    bottom_ = top;
  }

  void paint_shades() {
    for (const Lane& fault : faults_) {
      const double left = x(fault.span.from_us);
      svg_.rect(left, kTop, x(fault.span.to_us) - left, bottom_ - kTop, "#cbd5e0", "", R"(opacity="0.25")");
    }
  }

  void paint_axis() {
    const TimeUs step_us = tick_us(length_us_);
    const TimeUs starts_us = story_.plan.clock_starts_us;
    const std::size_t digits = step_us >= 1'000'000 ? 8 : 12;
    for (TimeUs at_us = (step_us - starts_us % step_us) % step_us; at_us <= length_us_; at_us += step_us) {
      svg_.line(x(at_us), kTop - 6, x(at_us), bottom_, "#e2e8f0");
      svg_.text(x(at_us), kTop - 32, time(at_us).substr(0, digits),
                R"(text-anchor="middle" font-size="11" fill="#4a5568")");
    }
  }

  // Actions that are near to each other share a number's place: "3-5".
  void paint_numbers() {
    const auto& actions = story_.plan.actions;
    double last = -100;
    std::size_t first = 0;
    const auto flush = [&](std::size_t number) {
      if (first == 0) return;
      std::string words = std::to_string(first);
      if (number > first) words += "-" + std::to_string(number);
      const double half = 4.5 + 3.2 * static_cast<double>(words.size());
      svg_.rect(last - half, kTop - 26, 2 * half, 15, kGrey, "", R"(rx="7")");
      svg_.text(last, kTop - 15, words, R"(text-anchor="middle" font-size="10" fill="white")");
    };
    std::size_t number = 0;
    for (std::size_t i = 0; i < actions.size() && numbered_.size() < kMostActions; ++i) {
      if (actions[i].at_us == 0 || actions[i].at_us > length_us_) continue;
      const double here = x(actions[i].at_us);
      if (here - last > 24) {
        flush(number);
        first = number + 1;
        last = here;
      }
      ++number;
      numbered_.push_back(i);
      svg_.line(here, kTop - 11, here, bottom_, "#a0aec0", R"(stroke-dasharray="3 3")");
    }
    flush(number);
  }

  void paint_faults() {
    if (!faults_.empty()) row_name(kTop, "faults", R"(font-weight="bold")");
    for (const Lane& fault : faults_) {
      const std::string words = action_text(story_.plan, story_.plan.actions[fault.span.action]);
      const double top = kTop + static_cast<double>(fault.lane) * (kBar + 3);
      bar(top, fault.span.from_us, fault.span.to_us, kGrey, words, words);
      const double right = x(fault.span.to_us);
      const double needed = room_for(words);
      if (right - x(fault.span.from_us) <= needed && right + needed < next_in_lane(fault))
        svg_.text(right + 4, top + kBar - 4, words, R"(font-size="10" fill="#4a5568")");
    }
  }

  double next_in_lane(const Lane& fault) const {
    double next = kPage;
    for (const Lane& other : faults_) {
      if (other.lane == fault.lane && other.span.from_us >= fault.span.to_us && &other != &fault)
        next = std::min(next, x(other.span.from_us));
    }
    return next;
  }

  void paint_row(std::size_t row) {
    const RowKey key = rows_[row];
    const double top = tops_[row];
    row_name(top, story_.tracks[key.track] + " · " + story_.nodes[key.node]);
    svg_.rect(kLeft, top, kWidth, kBar, kPale, "", R"(opacity="0.6")");
    for (const Stretch& stretch : story_.stretches) {
      if (stretch.node == key.node && stretch.track == key.track) paint_stretch(stretch, top);
    }
  }
  void paint_stretch(const Stretch& stretch, double top) {
    const bool has_upstream = stretch.part.upstream < story_.nodes.size();
    const std::string upstream = has_upstream ? story_.nodes[stretch.part.upstream] : "";
    if (stretch.part.is_origin) {
      bar(top, stretch.from_us, stretch.to_us, colour(stretch.node), "published here", "origin",
          R"(opacity="0.4")");
    } else if (stretch.part.is_fed && has_upstream) {
      const std::string words = "from " + upstream;
      bar(top, stretch.from_us, stretch.to_us, colour(stretch.part.upstream), words, words);
    } else if (stretch.part.is_wanted) {
      const std::string words = has_upstream ? "waits for " + upstream : "no media";
      bar(top, stretch.from_us, stretch.to_us, kRed, "wanted, and no media: " + words, words);
    }
  }

  // A row for each node that was down or drained.
  void paint_shifts() {
    bottom_ += 8;
    for (std::size_t node = 0; node < story_.nodes.size(); ++node) {
      const auto is_odd = [&](const Shift& shift) {
        return shift.node == node && (!shift.is_up || shift.drain != control::DrainState::none);
      };
      if (std::ranges::none_of(story_.shifts, is_odd)) continue;
      row_name(bottom_, story_.nodes[node], R"(font-weight="bold")");
      svg_.rect(kLeft, bottom_, kWidth, kBar, kPale);
      for (const Shift& shift : story_.shifts) {
        if (!is_odd(shift)) continue;
        const bool is_hard = shift.drain == control::DrainState::hard;
        const std::string words = !shift.is_up ? "down" : is_hard ? "drained hard" : "drained softly";
        bar(bottom_, shift.from_us, shift.to_us,
            !shift.is_up ? kBlack
            : is_hard    ? kWine
                         : kOrange,
            words, words);
      }
      bottom_ += kRow;
    }
  }

  // Marks at one place are one: under the pointer stands the first, and how many there are.
  struct Mark {
    std::string title;
    std::size_t count = 0;
  };
  void paint_mark_row(const char* words, const char* fill, const std::map<int, Mark>& marks) {
    if (marks.empty()) return;
    row_name(bottom_, words, R"(font-weight="bold")");
    svg_.rect(kLeft, bottom_, kWidth, kBar, kPale);
    for (const auto& [place, mark] : marks) {
      const std::string more = mark.count > 1 ? " (and " + std::to_string(mark.count - 1) + " more)" : "";
      svg_.mark(place, bottom_ + kBar - 3, fill, mark.title + more);
    }
    bottom_ += kRow;
  }
  void paint_marks() {
    std::map<int, Mark> alarms;
    std::map<int, Mark> violations;
    const auto add = [&](std::map<int, Mark>& marks, TimeUs at_us, const std::string& title) {
      if (marks.size() >= kMostMarks) return;
      Mark& mark = marks[static_cast<int>(x(at_us)) / 3 * 3];
      if (mark.count++ == 0) mark.title = time(at_us) + "  " + title;
    };
    for (const Happening& happening : story_.journal) {
      if (control::severity(happening.entry.kind) == control::Severity::alarm)
        add(alarms, happening.at_us, story_.nodes[happening.node] + " " + happening.entry.text);
    }
    for (const Violation& violation : story_.result.violations)
      add(violations, violation.at_us, std::string(name(violation.invariant)) + ": " + violation.text);
    paint_mark_row("alarms", kOrange, alarms);
    paint_mark_row("violations", kRed, violations);
  }

  void paint_legend() {
    double left = kLeft;
    const double top = bottom_ + 8;
    const auto entry = [&](const char* fill, const std::string& words, const char* more = "") {
      if (left + 7.0 * static_cast<double>(words.size()) > kRight) return;
      svg_.rect(left, top, 14, 10, fill, "", more);
      svg_.text(left + 19, top + 9, words, R"(font-size="11")");
      left += 34 + 6.2 * static_cast<double>(words.size());
    };
    entry(kRed, "wanted, no media");
    for (std::size_t node = 0; node < std::min(story_.nodes.size(), kColours.size()); ++node)
      entry(colour(node), "from " + story_.nodes[node]);
    entry(colour(0), "published here", R"(opacity="0.4")");
    if (!faults_.empty()) entry(kGrey, "fault");
    bottom_ = top + 22;
  }

  // In two columns, with their numbers.
  void paint_actions() {
    const std::size_t half = (numbered_.size() + 1) / 2;
    for (std::size_t i = 0; i < numbered_.size(); ++i) {
      const Action& action = story_.plan.actions[numbered_[i]];
      const double left = i < half ? 24 : kPage / 2;
      const double base = bottom_ + 14 + static_cast<double>(i < half ? i : i - half) * 17;
      svg_.text(left + 16, base, std::to_string(i + 1),
                R"(text-anchor="end" font-weight="bold" fill="#4a5568")");
      svg_.text(left + 24, base, time(action.at_us) + "  " + action_text(story_.plan, action),
                "fill=\"#2d3748\"");
    }
    bottom_ += static_cast<double>(half) * 17;
    if (hidden_rows_ == 0) return;
    bottom_ += 17;
    svg_.text(24, bottom_, std::to_string(hidden_rows_) + " more rows of tracks are not shown");
  }

  const Story& story_;
  TimeUs length_us_;
  Svg svg_;
  std::vector<RowKey> rows_;
  std::vector<double> tops_;  // of the rows
  std::size_t hidden_rows_ = 0;
  std::vector<Lane> faults_;
  std::vector<std::size_t> numbered_;  // actions, from 1
  double bottom_ = kTop;
};

}  // namespace

std::string picture(const Story& story) {
  return Painter(story).paint();
}

}  // namespace causeway::sim
