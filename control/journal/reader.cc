#include "control/journal/reader.h"

#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "control/journal/file.h"
#include "control/journal/record.h"

namespace causeway::control {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;

struct Found {
  std::uint64_t number = 0;
  std::string line{};
};

class Collector {
 public:
  Collector(const JournalQuery& query, JournalPage& page) : query_(query), page_(page) {}

  // False: it has enough.
  bool take(std::string_view line) {
    const auto head = parse_head(line);
    if (!head) {
      ++page_.torn;
      return true;
    }
    // When a file became the older one meanwhile, its lines come twice.
    if (head->number <= seen_) return true;
    if (head->at_ms < query_.from_ms || head->at_ms > query_.to_ms) return true;
    if (query_.after && head->number <= *query_.after) return true;
    if (!parse_line(line)) {
      ++page_.torn;
      return true;
    }
    seen_ = head->number;
    if (found_.size() == query_.limit && query_.after) {
      page_.has_later = true;
      return false;
    }
    found_.push_back({head->number, std::string(line)});
    if (found_.size() <= query_.limit) return true;
    found_.pop_front();
    page_.has_earlier = true;
    return true;
  }

  void finish() {
    if (!found_.empty()) page_.last = found_.back().number;
    for (Found& found : found_)
      page_.lines.push_back(std::move(found.line));
  }

 private:
  const JournalQuery& query_;
  JournalPage& page_;
  std::deque<Found> found_;
  std::uint64_t seen_ = 0;
};

// Hands on each line; what has no end yet only if it is no longer written.
class Lines {
 public:
  Lines(int fd, bool is_growing) : fd_(fd), is_growing_(is_growing) {}

  // False: it cannot be read, see errno.
  bool each(Collector& collector) {
    std::string rest;
    std::string block(kBlock, '\0');
    while (true) {
      const ssize_t got = ::read(fd_, block.data(), block.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      rest.append(block, 0, static_cast<std::size_t>(got));
      std::size_t begin = 0;
      for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n', begin)) {
        if (!collector.take(std::string_view(rest).substr(begin, end - begin))) return true;
        begin = end + 1;
      }
      rest.erase(0, begin);
      if (rest.size() > kLongestLine) rest.resize(kLongestLine + 1);  // none of ours, and it stays none
    }
    if (!rest.empty() && !is_growing_) collector.take(rest);
    return true;
  }

 private:
  const int fd_;
  const bool is_growing_;
};

}  // namespace

JournalPage read_journal(const std::string& path, const JournalQuery& query) {
  JournalPage page;
  Collector collector(query, page);
  for (const std::string& each : {older_journal(path), path}) {
    if (page.has_later) break;
    const int fd = ::open(each.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) continue;
    if (fd < 0 || !Lines(fd, each == path).each(collector))
      page.problem = "cannot read " + each + ": " + std::strerror(errno);
    if (fd >= 0) ::close(fd);
  }
  collector.finish();
  return page;
}

}  // namespace causeway::control
