// The compiled set of signatures: Hyperscan's database with what each worker needs to scan with it. Immutable
// once compiled, but for each worker's own scratch memory and hit counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dataplane/counters.h"
#include "dataplane/guard/signature.h"

struct hs_database;
struct hs_scratch;

namespace causeway::guard {

// Why a set cannot be compiled, with Hyperscan's message.
struct CompileError {
  std::optional<std::size_t> signature;  // its index; absent: it is the set as a whole
  std::string what;
  std::string mend;
};

class Database {
 public:
  using Compiled = std::variant<std::unique_ptr<const Database>, std::vector<CompileError>>;

  // Compiles for `workers` workers; every pattern that cannot be read is reported. Takes seconds for a
  // thousand patterns: never on a worker nor in the control loop. `generation` tells one set from the next.
  // Any thread.
  static Compiled compile(std::vector<Signature> signatures, std::size_t workers, std::uint64_t generation);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The first signature of the set that the datagram matches. No allocation, no lock, no system call. On that
  // worker's thread only (0 to workers - 1).
  std::optional<std::uint32_t> scan(std::size_t worker, std::span<const std::uint8_t> payload,
                                    std::uint16_t source_port, std::uint16_t destination_port) const;

  // Counts a hit of a signature. On that worker's thread only.
  void count(std::size_t worker, std::uint32_t signature) const { slots_[worker].hits[signature].add(1); }

  // Any thread.
  std::uint64_t hits(std::uint32_t signature) const;  // of all workers, since this set was compiled
  const std::vector<Signature>& signatures() const { return signatures_; }
  std::size_t workers() const { return slots_.size(); }
  std::uint64_t generation() const { return generation_; }
  std::size_t compiled_bytes() const { return compiled_bytes_; }
  std::size_t scratch_bytes() const { return scratch_bytes_; }  // of one worker

 private:
  struct Slot {
    hs_scratch* scratch = nullptr;
    std::unique_ptr<Cell[]> hits;
  };

  // What a match is held against, beside the pattern.
  struct Condition {
    std::uint16_t source_port;
    std::uint16_t destination_port;
    std::uint16_t min_length;
  };
  struct Search;

  Database() = default;
  std::vector<CompileError> check() const;
  std::vector<CompileError> build();
  std::vector<CompileError> make_slots(std::size_t workers);
  static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                      void* search);

  std::vector<Signature> signatures_;
  std::vector<Condition> conditions_;
  std::uint64_t generation_ = 0;
  hs_database* database_ = nullptr;  // null if there are no signatures
  std::size_t compiled_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
  std::vector<Slot> slots_;  // by worker
};

}  // namespace causeway::guard
