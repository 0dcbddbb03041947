// The file of the journal, and the older one that it replaced: appended to, and bounded. What a crash or a
// full disk tore is ended by a line break, so that it costs one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::control {

std::string older_journal(const std::string& path);

// Thread: one at a time. All throw std::system_error, and can be called again.
class JournalFile {
 public:
  // most_bytes: of both files together.
  JournalFile(std::string path, std::uint64_t most_bytes);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  // Before the rest; does nothing if it is open. Returns the number of the last line there is; 0: none.
  std::uint64_t open();
  // A whole line, or nothing of it: if it throws, what was written of it is taken back.
  void append(std::string_view line);
  // On disk when it returns.
  void sync();
  // So that it is opened anew: another file may be there by then.
  void close();

 private:
  void replace();
  void write_all(std::string_view text);

  const std::string path_;
  const std::uint64_t most_bytes_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t last_ = 0;
  bool is_torn_ = false;  // the last line lacks its end
};

}  // namespace causeway::control
