#include "config/guard/signatures.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "config/document.h"
#include "config/file.h"
#include "config/problem.h"
#include "config/reader.h"

namespace causeway::config {
namespace {

constexpr std::size_t kMaxSignatureFileBytes = std::size_t{4} << 20;

guard::Signature make_signature(const WrittenSignature& written, const Location& where,
                                const std::string& file) {
  return {.name = written.name,
          .drop = written.drop,
          .pattern = written.pattern,
          .caseless = written.flags == PatternFlags::caseless,
          .source_port = written.source_port.value_or(0),
          .destination_port = written.destination_port.value_or(0),
          .min_length = written.min_length,
          .where = {file, where.line, where.column}};
}

// Those of several files become one set: a name tells one signature from all others.
std::vector<Problem> find_repeated_names(const std::vector<guard::Signature>& signatures) {
  std::vector<Problem> problems;
  std::map<std::string_view, const guard::Place*> seen;
  for (const guard::Signature& signature : signatures) {
    const auto [first, is_new] = seen.emplace(signature.name, &signature.where);
    if (is_new) continue;
    const guard::Place& at = signature.where;
    problems.push_back({Level::error,
                        at.file,
                        {at.line, at.column},
                        "signature " + quote(signature.name) + " has the name of that of " +
                            first->second->file + ":" + std::to_string(first->second->line),
                        "give it another"});
  }
  return problems;
}

Problem make_problem(const guard::CompileError& error, const std::vector<guard::Signature>& signatures) {
  if (!error.signature) return {Level::error, "guard.signatures", {}, error.what, error.mend};
  const guard::Signature& signature = signatures[*error.signature];
  return {Level::error,
          signature.where.file,
          {signature.where.line, signature.where.column},
          "signature " + quote(signature.name) + ": " + error.what,
          error.mend};
}

LoadedSignatures load_signature_file(const std::string& file) {
  if (file == kBuiltin) return load_signatures(builtin_signatures(), file);
  const auto read = read_regular_file(file, kMaxSignatureFileBytes);
  if (const auto* error = std::get_if<FileError>(&read)) {
    return {{}, {{Level::error, file, {}, error->what, "give the name of a readable YAML file"}}};
  }
  return load_signatures(std::get<File>(read).text, file);
}

}  // namespace

LoadedSignatures load_signatures(std::string_view text, const std::string& path) {
  Problems problems(path);
  LoadedSignatures loaded;
  Document document;
  if (document.parse(text, problems)) {
    SignatureFile file;
    read_signature_file(document.root(), problems, file);
    for (std::size_t i = 0; i < file.signatures.size(); ++i) {
      const std::string item = join("signatures", i);
      if (problems.is_broken(item)) continue;
      loaded.signatures.push_back(
          make_signature(file.signatures[i], document.locate(join(item, "pattern")), path));
    }
  }
  loaded.problems = problems.take();
  return loaded;
}

CompiledSignatures compile_signatures(const std::vector<std::string>& files, std::size_t workers,
                                      std::uint64_t generation) {
  std::vector<guard::Signature> signatures;
  CompiledSignatures result;
  for (const std::string& file : files) {
    LoadedSignatures loaded = load_signature_file(file);
    std::ranges::move(loaded.signatures, std::back_inserter(signatures));
    std::ranges::move(loaded.problems, std::back_inserter(result.problems));
  }
  std::ranges::move(find_repeated_names(signatures), std::back_inserter(result.problems));
  // A copy: the messages need the names.
  auto compiled = guard::Database::compile(signatures, workers, generation);
  if (const auto* errors = std::get_if<std::vector<guard::CompileError>>(&compiled)) {
    for (const guard::CompileError& error : *errors)
      result.problems.push_back(make_problem(error, signatures));
  }
  const auto is_error = [](const Problem& problem) { return problem.level == Level::error; };
  if (std::ranges::none_of(result.problems, is_error)) {
    result.database = std::get<std::unique_ptr<const guard::Database>>(std::move(compiled));
  }
  return result;
}

}  // namespace causeway::config
