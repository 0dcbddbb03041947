#include "config/problem.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "config/text.h"

namespace causeway::config {
namespace {

constexpr std::size_t kShownProblems = 1000;
// Master key and salt of the shortest suite are 28 bytes: 38 characters of base64 without padding. Shorter
// words are hidden, too: a key that was cut is still most of a key.
constexpr std::size_t kKeyLikeWord = 24;
constexpr std::size_t kKeyLikePath = 32;

// A run of characters of one kind.
struct Run {
  std::size_t length = 0;
  bool upper = false;
  bool lower = false;

  void take(char c, bool belongs) {
    if (!belongs) {
      *this = {};
      return;
    }
    ++length;
    upper = upper || (c >= 'A' && c <= 'Z');
    lower = lower || (c >= 'a' && c <= 'z');
  }
  bool mixed(std::size_t at_least) const { return length >= at_least && upper && lower; }
};

}  // namespace

std::string Problem::to_string() const {
  std::string text = file;
  if (where.line > 0) text += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
  text += level == Level::error ? ": error: " : ": warning: ";
  text += what;
  if (!mend.empty()) text += "; " + mend;
  return text;
}

bool looks_like_key(std::string_view text) {
  constexpr std::string_view kMethod = "inline:";
  const auto same_letter = [](char a, char b) { return to_lower(a) == b; };
  if (std::search(text.begin(), text.end(), kMethod.begin(), kMethod.end(), same_letter) != text.end()) {
    return true;
  }
  // Random base64 mixes capitals, small letters and digits, and a '/' every 64 characters; names and paths
  // rarely do.
  Run word;
  Run path;
  for (const char c : text) {
    const bool in_word = is_letter_or_digit(c) || c == '+' || c == '=';
    word.take(c, in_word);
    path.take(c, in_word || c == '/');
    if (word.mixed(kKeyLikeWord) || path.mixed(kKeyLikePath)) return true;
  }
  return false;
}

std::string quote(std::string_view text, std::size_t longest) {
  if (looks_like_key(text)) return "(hidden: it looks like a key)";
  std::string shown = "\"";
  for (const char c : text.substr(0, longest)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    shown += control ? '?' : c;
  }
  if (text.size() > longest) shown += "...";
  return shown + "\"";
}

std::string join(std::string_view path, std::string_view key) {
  std::string joined(path);
  if (!joined.empty()) joined += '.';
  return joined.append(key);
}

std::string join(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

void Problems::error(Location where, const std::string& path, const std::string& what,
                     const std::string& mend) {
  mark_broken(path);
  ++errors_;
  add(Level::error, where, path, what, mend);
}

void Problems::warning(Location where, const std::string& path, const std::string& what,
                       const std::string& mend) {
  add(Level::warning, where, path, what, mend);
}

void Problems::add(Level level, Location where, const std::string& path, const std::string& what,
                   const std::string& mend) {
  if (problems_.size() >= kShownProblems) {
    ++unshown_;
    return;
  }
  problems_.push_back({level, file_, where, path.empty() ? what : path + ": " + what, mend});
}

bool Problems::is_broken(const std::string& path) const {
  if (path.empty()) return !broken_.empty();
  const auto next = broken_.lower_bound(path);
  if (next == broken_.end() || !next->starts_with(path)) return false;
  return next->size() == path.size() || (*next)[path.size()] == '.' || (*next)[path.size()] == '[';
}

std::vector<Problem> Problems::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  if (unshown_ > 0) {
    problems_.push_back(
        {Level::error, file_, {}, std::to_string(unshown_) + " more problems are not shown", ""});
  }
  return std::move(problems_);
}

}  // namespace causeway::config
