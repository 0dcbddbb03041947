#include "config/load.h"

#include <filesystem>
#include <openssl/crypto.h>
#include <optional>
#include <sys/stat.h>
#include <utility>
#include <variant>

#include "config/document.h"
#include "config/file.h"
#include "config/guard/signatures.h"
#include "config/problem.h"
#include "config/reader.h"
#include "config/sdes.h"
#include "config/validate.h"

namespace causeway::config {
namespace {

// "transports[3].local" belongs to "transports[3]", and "memory.size_mb" to "memory".
std::string item_of(const std::string& path) {
  return path.substr(0, path.find('.'));
}

// Conclusions from what could not be read would be noise: the cause is reported already.
bool is_consequence(const Finding& finding, const Problems& problems) {
  if (problems.is_broken(item_of(finding.path))) return true;
  for (const std::string& path : finding.about) {
    if (problems.is_broken(item_of(path))) return true;
  }
  return false;
}

void report_findings(std::vector<Finding> findings, const Document& document, Problems& problems) {
  std::erase_if(findings, [&](const Finding& finding) { return is_consequence(finding, problems); });
  for (const Finding& finding : findings) {
    const Location where = document.locate(finding.path);
    if (finding.level == Level::error) {
      problems.error(where, finding.path, finding.what, finding.mend);
    } else {
      problems.warning(where, finding.path, finding.what, finding.mend);
    }
  }
}

// Names of files are relative to the configuration's folder, as those of keys.
void find_signature_files(const std::filesystem::path& folder, Guard& guard) {
  for (std::string& file : guard.signatures) {
    if (file != kBuiltin) file = (folder / file).string();
  }
}

// Of an appliance that is not alone. Its problems have a place of their own.
void read_fleet_key(const std::filesystem::path& folder, const Document& document, Fleet& fleet,
                    Problems& problems) {
  constexpr const char* kPath = "fleet.key_file";
  if (fleet.nodes.empty() || fleet.key_file.empty() || problems.is_broken("fleet")) return;
  fleet.key_file = (folder / fleet.key_file).string();
  auto line = read_secret_file(fleet.key_file, "the fleet's secret in base64");
  if (const auto* text = std::get_if<Secret>(&line)) {
    const auto bytes = text->bytes();
    line = parse_fleet_key({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  if (const auto* error = std::get_if<KeyError>(&line)) {
    problems.error(document.locate(kPath), kPath, error->what, error->mend);
  } else {
    fleet.key = std::get<Secret>(std::move(line));
  }
}

// `mode` is the file's, or 0 for a text of unknown origin.
Loaded load(std::string_view text, const std::string& path, mode_t mode) {
  Problems problems(path);
  Config config;
  Document document;
  if (document.parse(text, problems)) {
    const auto folder = std::filesystem::path(path).parent_path();
    const Location inline_key = read_config(document.root(), folder, problems, config);
    find_signature_files(folder, config.guard);
    // Several appliances on one machine have a prefix each, and need not be told another path, too.
    if (config.api.listen == Api{}.listen) config.api.listen = "/run/" + config.eal.file_prefix + "/api.sock";
    if (!config.api.token_file.empty()) config.api.token_file = (folder / config.api.token_file).string();
    report_findings(validate(config), document, problems);
    for (std::string* file :
         {&config.fleet.certificate_file, &config.fleet.private_key_file, &config.fleet.ca_file}) {
      if (!file->empty()) *file = (folder / *file).string();
    }
    read_fleet_key(folder, document, config.fleet, problems);
    if (inline_key.line > 0 && (mode & (S_IRGRP | S_IROTH)) != 0) {
      problems.warning(inline_key, "", "the file holds keys, and more than its owner may read it",
                       "chmod 600 " + path + ", or move the keys to files of their own with key_file");
    }
  }
  Loaded loaded;
  if (!problems.has_errors()) loaded.config = std::move(config);
  loaded.problems = problems.take();
  return loaded;
}

}  // namespace

Loaded load_file(const std::string& path) {
  auto read = read_regular_file(path, kMaxFileBytes);
  if (const auto* error = std::get_if<FileError>(&read)) {
    return {std::nullopt, {{Level::error, path, {}, error->what, "give the name of a readable YAML file"}}};
  }
  File& file = std::get<File>(read);
  Loaded loaded = load(file.text, path, file.status.st_mode);
  OPENSSL_cleanse(file.text.data(), file.text.size());
  return loaded;
}

Loaded load_text(std::string_view text, const std::string& path) {
  return load(text, path, 0);
}

}  // namespace causeway::config
