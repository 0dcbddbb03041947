#include "dataplane/guard/database.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::guard {
namespace {

using Errors = std::vector<CompileError>;

Signature sign(const std::string& name, const std::string& pattern) {
  return {.name = name, .drop = Drop::guard_custom, .pattern = pattern};
}

std::unique_ptr<const Database> compile(std::vector<Signature> signatures, std::size_t workers = 1,
                                        std::uint64_t generation = 1) {
  auto compiled = Database::compile(std::move(signatures), workers, generation);
  if (const auto* errors = std::get_if<Errors>(&compiled)) {
    ADD_FAILURE() << errors->at(0).what;
    return nullptr;
  }
  return std::get<std::unique_ptr<const Database>>(std::move(compiled));
}

Errors refuse(std::vector<Signature> signatures) {
  auto compiled = Database::compile(std::move(signatures), 1, 1);
  const auto* errors = std::get_if<Errors>(&compiled);
  return errors == nullptr ? Errors{} : *errors;
}

std::optional<std::uint32_t> scan(const Database& database, const std::string& payload,
                                  std::uint16_t source_port = 40000, std::uint16_t destination_port = 20000,
                                  std::size_t worker = 0) {
  return database.scan(worker, {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()},
                       source_port, destination_port);
}

TEST(Database, FindsTheFirstSignatureWhereverItMatches) {
  const auto database = compile({sign("late", "end$"), sign("early", "^begin"), sign("same", "begin")});
  EXPECT_EQ(scan(*database, "begin, and so on"), 1u);
  EXPECT_EQ(scan(*database, "begin, and the end"), 0u);
  EXPECT_EQ(scan(*database, "to begin"), 2u);
  EXPECT_EQ(scan(*database, "nothing"), std::nullopt);
  EXPECT_EQ(scan(*database, ""), std::nullopt);
}

TEST(Database, HoldsTheConditionsBesideThePattern) {
  Signature dns = sign("dns", "^ab");
  dns.source_port = 53;
  Signature to = sign("to", "^ab");
  to.destination_port = 20001;
  Signature longer = sign("longer", "^ab");
  longer.min_length = 4;
  const auto database = compile({dns, to, longer});
  EXPECT_EQ(scan(*database, "abc"), std::nullopt);
  EXPECT_EQ(scan(*database, "abc", 53), 0u);
  EXPECT_EQ(scan(*database, "abc", 40000, 20001), 1u);
  EXPECT_EQ(scan(*database, "abcd"), 2u);
  EXPECT_EQ(scan(*database, "abcd", 53, 20001), 0u);
}

TEST(Database, TakesPayloadsForBytes) {
  Signature caseless = sign("caseless", "^Option");
  caseless.caseless = true;
  const auto database = compile({sign("bytes", "^\\x00.\\xff"), caseless, sign("capitals", "^OPTIONs")});
  EXPECT_EQ(scan(*database, std::string("\x00\n\xff", 3)), 0u);
  EXPECT_EQ(scan(*database, std::string("\x00\xff", 2)), std::nullopt);
  EXPECT_EQ(scan(*database, "oPTIONS"), 1u);
}

TEST(Database, CountsHitsOfAllWorkers) {
  const auto database = compile({sign("a", "^a"), sign("b", "^b")}, 3);
  database->count(0, 1);
  database->count(2, 1);
  EXPECT_EQ(database->hits(0), 0u);
  EXPECT_EQ(database->hits(1), 2u);
}

TEST(Database, SaysWhatIsWrongWithEachPattern) {
  const Errors errors = refuse({sign("good", "a"), sign("open", "(a"), sign("empty", "a*"), sign("none", ""),
                                sign("long", std::string(kMaxPatternLength + 1, 'a')),
                                sign("zero", std::string("a\0b", 3)), sign("look", "a(?=b)")});
  ASSERT_EQ(errors.size(), 6u);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    EXPECT_EQ(errors[i].signature, i + 1);
    EXPECT_FALSE(errors[i].what.empty());
    EXPECT_FALSE(errors[i].mend.empty());
  }
}

TEST(Database, BoundsTheNumberOfSignatures) {
  const Errors errors = refuse(std::vector<Signature>(kMaxSignatures + 1, sign("a", "a")));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].signature, std::nullopt);
  EXPECT_NE(errors[0].what.find("4097"), std::string::npos);
}

TEST(Database, BoundsThePatternsLength) {
  const auto database = compile({sign("a", std::string(kMaxPatternLength, 'a'))});
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(scan(*database, std::string(kMaxPatternLength, 'a')), 0u);
}

TEST(Database, BoundsWhatAPatternMayTake) {
  const Errors errors = refuse({sign("good", "a"), sign("huge", "((a.b.c){1,1000}.{1,1000}){100,1000}z")});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].signature, 1u);
}

TEST(Database, KnowsItsSize) {
  const auto database = compile({sign("a", "abc")}, 2);
  EXPECT_GT(database->compiled_bytes(), 0u);
  EXPECT_LE(database->compiled_bytes(), kMaxCompiledBytes);
  EXPECT_GT(database->scratch_bytes(), 0u);
}

// A worker scans with the set that it finds at its turn, while control puts another there again and again and
// frees the old one behind the turn: as appliance and worker do, with a turn's counter for the grace period.
TEST(Database, IsReplacedUnderAScan) {
  std::vector<std::shared_ptr<const Database>> sets;
  for (std::uint64_t generation = 0; generation < 20; ++generation)
    sets.push_back(
        compile({sign("never", "^never"), sign("own", "^generation " + std::to_string(generation) + "$"),
                 sign("any", "^generation")},
                1, generation));
  std::atomic<const Database*> current{sets[0].get()};
  std::atomic<std::uint64_t> turns{0};
  std::atomic<bool> stop{false};
  std::uint64_t wrong = 0;
  std::thread worker([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      const Database& database = *current.load();
      const std::string payload = "generation " + std::to_string(database.generation());
      for (int i = 0; i < 10; ++i) {
        if (scan(database, payload) != 1u || scan(database, "generation x") != 2u) ++wrong;
        database.count(0, 1);
      }
      turns.fetch_add(1);
    }
  });
  for (std::size_t next = 1; next < sets.size(); ++next) {
    // All in one order: the second turn to end from here on began behind the store.
    current.store(sets[next].get());
    const std::uint64_t seen = turns.load();
    while (turns.load() < seen + 2)
      std::this_thread::yield();
    EXPECT_GT(sets[next]->hits(1), 0u);
    sets[next - 1].reset();
  }
  stop.store(true, std::memory_order_relaxed);
  worker.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace causeway::guard
