// One row for each node and track that it wants or publishes: a bar in the colour of the node that feeds it,
// red where it is wanted and nothing comes. Above, what was done to the world; behind, drains and nodes that
// are down.
#include <algorithm>
#include <array>
#include <cstdio>

#include "tools/sim/story/actions.h"
#include "tools/sim/story/story.h"

namespace causeway::sim {
namespace {

constexpr double kLeft = 190;
constexpr double kWidth = 1000;
constexpr double kRow = 22;
constexpr double kBar = 14;
constexpr std::size_t kMostRows = 200;
constexpr std::array<const char*, 10> kColours{"#2b6cb0", "#2f855a", "#b7791f", "#6b46c1", "#0987a0",
                                               "#9c4221", "#4a5568", "#97266d", "#276749", "#2c5282"};
constexpr const char* kRed = "#e53e3e";

const char* colour(std::size_t node) {
  return kColours[node % kColours.size()];
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
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
    rows_.erase(std::ranges::unique(rows_).begin(), rows_.end());
    if (rows_.size() > kMostRows) rows_.resize(kMostRows);
  }

  std::string paint() {
    mark_actions();
    paint_axis();
    for (std::size_t row = 0; row < rows_.size(); ++row)
      paint_row(row);
    paint_shifts();
    paint_legend();
    const double height = bottom_ + 20;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kLeft + kWidth + 40) +
           "\" height=\"" + number(height) +
           "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
           "fill=\"white\"/>\n" +
           body_ + "</svg>\n";
  }

 private:
  double x(TimeUs at_us) const {
    return kLeft + kWidth * static_cast<double>(at_us) / static_cast<double>(length_us_);
  }
  double y(std::size_t row) const { return top_ + static_cast<double>(row) * kRow + gap_of(row); }
  // Tracks are set apart.
  double gap_of(std::size_t row) const {
    return 8.0 * static_cast<double>(rows_[row].track - rows_[0].track);
  }

  void rect(double left, double top, double width, double height, const std::string& fill,
            const std::string& title = "", const char* more = "") {
    body_ += "<rect x=\"" + number(left) + "\" y=\"" + number(top) + "\" width=\"" +
             number(std::max(width, 0.5)) + "\" height=\"" + number(height) + "\" fill=\"" + fill + "\"" +
             more + ">" + (title.empty() ? "" : "<title>" + escaped(title) + "</title>") + "</rect>\n";
  }
  void text(double left, double base, std::string_view words, const char* more = "") {
    body_ += "<text x=\"" + number(left) + "\" y=\"" + number(base) + "\"" + more + ">" + escaped(words) +
             "</text>\n";
  }

  // A numbered line through the picture for each action, and its words above; those at one time share a line.
  void mark_actions() {
    body_ += "<text x=\"12\" y=\"22\" font-size=\"16\" font-weight=\"bold\">" + escaped(story_.plan.name) +
             "</text>\n";
    double base = 44;
    std::vector<double> lines;
    for (std::size_t i = 0; i < story_.plan.actions.size() && lines.size() < 40; ++i) {
      const Action& action = story_.plan.actions[i];
      if (action.at_us == 0 || action.at_us > length_us_) continue;
      text(12, base, clock_text(story_.plan, action.at_us) + "  " + action_text(story_.plan, action),
           " fill=\"#2d3748\"");
      lines.push_back(x(action.at_us));
      base += 16;
    }
    top_ = base + 26;
    bottom_ = rows_.empty() ? top_ : y(rows_.size() - 1) + kRow;
    for (const double left : lines) {
      body_ += "<line x1=\"" + number(left) + "\" x2=\"" + number(left) + "\" y1=\"" + number(top_ - 18) +
               "\" y2=\"" + number(bottom_) + "\" stroke=\"#a0aec0\" stroke-dasharray=\"3 3\"/>\n";
    }
  }

  void paint_axis() {
    constexpr int kTicks = 8;
    for (int i = 0; i <= kTicks; ++i) {
      const TimeUs at_us = length_us_ * i / kTicks;
      body_ += "<line x1=\"" + number(x(at_us)) + "\" x2=\"" + number(x(at_us)) + "\" y1=\"" +
               number(top_ - 6) + "\" y2=\"" + number(top_ - 2) + "\" stroke=\"#4a5568\"/>\n";
      text(x(at_us), top_ - 10, clock_text(story_.plan, at_us).substr(0, 8),
           " text-anchor=\"middle\" font-size=\"11\" fill=\"#4a5568\"");
    }
  }

  void paint_row(std::size_t row) {
    const RowKey key = rows_[row];
    text(kLeft - 8, y(row) + kBar - 2, story_.tracks[key.track] + " · " + story_.nodes[key.node],
         " text-anchor=\"end\"");
    rect(kLeft, y(row), kWidth, kBar, "#f7fafc");
    for (const Stretch& stretch : story_.stretches) {
      if (stretch.node != key.node || stretch.track != key.track) continue;
      const std::string when =
          clock_text(story_.plan, stretch.from_us) + " to " + clock_text(story_.plan, stretch.to_us);
      const double left = x(stretch.from_us);
      const double width = x(stretch.to_us) - left;
      if (stretch.part.is_origin) {
        rect(left, y(row), width, kBar, colour(stretch.node), "published here, " + when, " opacity=\"0.35\"");
        label(row, left, width, "origin");
      } else if (stretch.part.is_fed && stretch.part.upstream < story_.nodes.size()) {
        rect(left, y(row), width, kBar, colour(stretch.part.upstream),
             "from " + story_.nodes[stretch.part.upstream] + ", " + when);
        label(row, left, width, "from " + story_.nodes[stretch.part.upstream], " fill=\"white\"");
      } else if (stretch.part.is_wanted) {
        const bool has_upstream = stretch.part.upstream < story_.nodes.size();
        rect(left, y(row), width, kBar, kRed,
             "no media" + (has_upstream ? ", waits for " + story_.nodes[stretch.part.upstream] : "") + ", " +
                 when);
        if (has_upstream)
          label(row, left, width, "waits for " + story_.nodes[stretch.part.upstream], " fill=\"white\"");
      }
    }
  }
  void label(std::size_t row, double left, double width, const std::string& words, const char* more = "") {
    if (width < 7.0 * static_cast<double>(words.size())) return;
    body_ += "<text x=\"" + number(left + 5) + "\" y=\"" + number(y(row) + kBar - 3) + "\" font-size=\"10\"" +
             more + ">" + escaped(words) + "</text>\n";
  }

  // Below: a row for each node that was down or drained.
  void paint_shifts() {
    double base = bottom_ + 14;
    for (std::size_t node = 0; node < story_.nodes.size(); ++node) {
      const auto is_odd = [&](const Shift& shift) {
        return shift.node == node && (!shift.is_up || shift.drain != control::DrainState::none);
      };
      if (std::ranges::none_of(story_.shifts, is_odd)) continue;
      text(kLeft - 8, base + kBar - 2, story_.nodes[node], " text-anchor=\"end\" font-weight=\"bold\"");
      rect(kLeft, base, kWidth, kBar, "#f7fafc");
      for (const Shift& shift : story_.shifts) {
        if (!is_odd(shift)) continue;
        const bool is_hard = shift.drain == control::DrainState::hard;
        const std::string what = !shift.is_up ? "down" : is_hard ? "drained hard" : "drained softly";
        rect(x(shift.from_us), base, x(shift.to_us) - x(shift.from_us), kBar,
             !shift.is_up ? "#1a202c"
             : is_hard    ? kRed
                          : "#ed8936",
             what + " from " + clock_text(story_.plan, shift.from_us));
        text(x(shift.from_us) + 5, base + kBar - 3, what, " font-size=\"10\" fill=\"white\"");
      }
      base += kRow;
    }
    bottom_ = base;
  }

  void paint_legend() {
    double left = kLeft;
    const double top = bottom_ + 8;
    rect(left, top, 14, 10, kRed);
    text(left + 19, top + 9, "wanted, no media");
    left += 140;
    for (std::size_t node = 0; node < story_.nodes.size() && node < kColours.size(); ++node) {
      rect(left, top, 14, 10, colour(node));
      text(left + 19, top + 9, "from " + story_.nodes[node]);
      left += 46 + 7.0 * static_cast<double>(story_.nodes[node].size() + 5);
    }
    bottom_ = top + 14;
  }

  const Story& story_;
  TimeUs length_us_;
  std::vector<RowKey> rows_;
  double top_ = 60;
  double bottom_ = 60;
  std::string body_;
};

}  // namespace

std::string picture(const Story& story) {
  return Painter(story).paint();
}

}  // namespace causeway::sim
