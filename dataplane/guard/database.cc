#include "dataplane/guard/database.h"

#include <algorithm>
#include <cstdlib>
#include <hs/hs.h>
#include <utility>

namespace causeway::guard {

namespace {

constexpr std::uint32_t kNone = 0xffffffff;

// DOTALL: patterns are about bytes, and a line feed is one. SINGLEMATCH: whether, not where.
unsigned flags_of(const Signature& signature) {
  return HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH | (signature.caseless ? HS_FLAG_CASELESS : 0u);
}

std::string message_of(hs_compile_error_t* error) {
  std::string text = error == nullptr || error->message == nullptr ? "no reason given" : error->message;
  hs_free_compile_error(error);
  while (text.ends_with('.'))
    text.pop_back();
  // It may quote the pattern: nothing of it may end the line.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

std::string mebibytes(std::size_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

struct Database::Search {
  const Condition* conditions;
  std::uint16_t source_port;
  std::uint16_t destination_port;
  std::uint32_t length;
  std::uint32_t first = kNone;
};

Database::~Database() {
  for (Slot& slot : slots_)
    hs_free_scratch(slot.scratch);
  hs_free_database(database_);
}

Database::Compiled Database::compile(std::vector<Signature> signatures, std::size_t workers,
                                     std::uint64_t generation) {
  std::unique_ptr<Database> set(new Database());
  set->signatures_ = std::move(signatures);
  set->generation_ = generation;
  for (const Signature& signature : set->signatures_) {
    set->conditions_.push_back({signature.source_port, signature.destination_port, signature.min_length});
  }
  std::vector<CompileError> errors = set->check();
  if (errors.empty() && !set->signatures_.empty()) errors = set->build();
  if (errors.empty()) errors = set->make_slots(workers);
  if (!errors.empty()) return errors;
  return std::unique_ptr<const Database>(std::move(set));
}

// Each pattern alone, so that all that cannot be read are said at once.
std::vector<CompileError> Database::check() const {
  if (signatures_.size() > kMaxSignatures) {
    return {{std::nullopt, std::to_string(signatures_.size()) + " signatures are too many",
             "give at most " + std::to_string(kMaxSignatures)}};
  }
  if (hs_valid_platform() != HS_SUCCESS) {
    return {{std::nullopt, "this CPU lacks SSSE3, which Hyperscan needs", "set guard.enabled: false"}};
  }
  std::vector<CompileError> errors;
  for (std::size_t i = 0; i < signatures_.size(); ++i) {
    const std::string& pattern = signatures_[i].pattern;
    if (pattern.empty() || pattern.size() > kMaxPatternLength || pattern.find('\0') != pattern.npos) {
      errors.push_back(
          {i, "a pattern of " + std::to_string(pattern.size()) + " bytes, or with a zero byte in it",
           "give 1 to " + std::to_string(kMaxPatternLength) + " bytes; write a zero as \\x00"});
      continue;
    }
    hs_expr_info_t* about = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_expression_info(pattern.c_str(), flags_of(signatures_[i]), &about, &error) != HS_SUCCESS) {
      errors.push_back({i, "Hyperscan: " + message_of(error), "mend the pattern"});
    } else if (about->min_width == 0) {
      errors.push_back(
          {i, "the pattern matches an empty text, and so everything", "let it demand at least one byte"});
    }
    std::free(about);  // NOLINT(cppcoreguidelines-no-malloc): as Hyperscan's manual says
  }
  return errors;
}

std::vector<CompileError> Database::build() {
  std::vector<const char*> patterns;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const Signature& signature : signatures_) {
    patterns.push_back(signature.pattern.c_str());
    flags.push_back(flags_of(signature));
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(patterns.data(), flags.data(), ids.data(), static_cast<unsigned>(patterns.size()),
                       HS_MODE_BLOCK, nullptr, &database_, &error) != HS_SUCCESS) {
    std::optional<std::size_t> signature;
    if (error != nullptr && error->expression >= 0) signature = static_cast<std::size_t>(error->expression);
    return {{signature, "Hyperscan: " + message_of(error),
             signature ? "make the pattern simpler" : "give fewer or simpler patterns"}};
  }
  hs_database_size(database_, &compiled_bytes_);
  if (compiled_bytes_ > kMaxCompiledBytes) {
    return {{std::nullopt, "the compiled set takes " + mebibytes(compiled_bytes_),
             "give fewer or simpler patterns: " + mebibytes(kMaxCompiledBytes) + " at most"}};
  }
  return {};
}

std::vector<CompileError> Database::make_slots(std::size_t workers) {
  slots_.resize(workers);
  for (Slot& slot : slots_) {
    slot.hits = std::make_unique<Cell[]>(signatures_.size());
    if (database_ == nullptr) continue;
    if (hs_alloc_scratch(database_, &slot.scratch) != HS_SUCCESS) {
      return {{std::nullopt, "no memory to scan with", "give fewer or simpler patterns"}};
    }
    hs_scratch_size(slot.scratch, &scratch_bytes_);
    if (scratch_bytes_ > kMaxScratchBytes) {
      return {{std::nullopt, "scanning takes " + mebibytes(scratch_bytes_) + " for each worker",
               "give fewer or simpler patterns: " + mebibytes(kMaxScratchBytes) + " at most"}};
    }
  }
  return {};
}

// Hyperscan reports matches in the order of their ends; the first signature of the set wins.
int Database::on_match(unsigned id, unsigned long long /*from*/, unsigned long long /*to*/,
                       unsigned /*flags*/, void* context) {
  auto& search = *static_cast<Search*>(context);
  if (id >= search.first) return 0;
  const Condition& condition = search.conditions[id];
  const bool meant =
      (condition.source_port == 0 || condition.source_port == search.source_port) &&
      (condition.destination_port == 0 || condition.destination_port == search.destination_port) &&
      search.length >= condition.min_length;
  if (meant) search.first = id;
  return search.first == 0 ? 1 : 0;  // none can be before it
}

std::optional<std::uint32_t> Database::scan(std::size_t worker, std::span<const std::uint8_t> payload,
                                            std::uint16_t source_port, std::uint16_t destination_port) const {
  if (database_ == nullptr || payload.empty()) return std::nullopt;
  Search search{conditions_.data(), source_port, destination_port,
                static_cast<std::uint32_t>(payload.size())};
  // Fails only if the scratch were in use or of another set, which this class rules out.
  hs_scan(database_, reinterpret_cast<const char*>(payload.data()), static_cast<unsigned>(payload.size()), 0,
          slots_[worker].scratch, &Database::on_match, &search);
  if (search.first == kNone) return std::nullopt;
  return search.first;
}

std::uint64_t Database::hits(std::uint32_t signature) const {
  std::uint64_t sum = 0;
  for (const Slot& slot : slots_)
    sum += slot.hits[signature].read();
  return sum;
}

}  // namespace causeway::guard
