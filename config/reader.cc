#include "config/reader.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "config/guard/schema.h"
#include "config/sdes.h"
#include "config/struct_reader.h"

namespace causeway::config {

// Reports keys that are unknown, given again or no words. Returns the known keys that misspelt ones probably
// mean.
std::set<std::string_view> StructReader::check_keys(const YamlNode& node, const std::string& path,
                                                    std::span<const std::string_view> known) {
  std::set<std::string_view> meant;
  std::unordered_map<std::string_view, Location> seen;
  for (const auto& [key, value] : node.keys) {
    if (key->kind != YamlNode::Kind::scalar) {
      problems_.error(key->where, path, "a key must be a word", "give \"key: value\" pairs");
      continue;
    }
    const auto [first, is_new] = seen.emplace(key->text, key->where);
    if (std::find(known.begin(), known.end(), key->text) == known.end()) {
      report_unknown_key(*key, path, known, meant);
    } else if (!is_new) {
      problems_.error(key->where, join(path, key->text), "is given again",
                      "keep one; it already stands in line " + std::to_string(first->second.line));
    }
  }
  return meant;
}

void StructReader::report_unknown_key(const YamlNode& key, const std::string& path,
                                      std::span<const std::string_view> known,
                                      std::set<std::string_view>& meant) {
  constexpr TextRule kShown{.shortest = 1, .longest = 32, .extra = "._-<"};
  const bool is_shown = kShown.holds(key.text);
  std::string word = key.text.substr(0, kShown.longest);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c == '-' ? '_' : to_lower(c); });
  std::string_view nearest;
  std::size_t distance = 3;
  std::string keys;
  for (const std::string_view candidate : known) {
    const std::size_t edits = is_shown ? edit_distance(word, candidate) : distance;
    // A short word is near to every short word.
    if (edits < distance && edits * 2 < candidate.size()) {
      nearest = candidate;
      distance = edits;
    }
    keys += (keys.empty() ? "" : ", ") + str(candidate);
  }
  const std::string mend =
      nearest.empty() ? "the keys here are " + keys : "did you mean \"" + str(nearest) + "\"?";
  problems_.error(key.where, path, "unknown key" + (is_shown ? " " + quote(key.text) : ""), mend);
  if (nearest.empty()) return;
  meant.insert(nearest);
  problems_.mark_broken(join(path, nearest));
}

std::optional<std::uint8_t> StructReader::read_payload_type(const YamlNode& node, const std::string& path) {
  const bool number = node.kind == YamlNode::Kind::scalar && !node.quoted;
  const auto value = number ? parse_integer(node.text) : std::nullopt;
  // 64 to 95 look like RTCP where RTP and RTCP share a port (RFC 5761, 4).
  if (value && (*value < 64 || (*value > 95 && *value < 128))) return static_cast<std::uint8_t>(*value);
  const std::string found = node.kind == YamlNode::Kind::scalar ? quote(node.text) : str(words(node.kind));
  problems_.error(node.where, path, found + " is not a payload type",
                  "give 0 to 63 or 96 to 127 (RFC 5761, 4)");
  return std::nullopt;
}

void StructReader::read_payload_types(const YamlNode& node, const std::string& path, const Field& field,
                                      PayloadTypes& out) {
  if (node.kind != YamlNode::Kind::map) {
    problems_.error(node.where, path, "is " + str(words(node.kind)) + " where a map is wanted",
                    "give {96: 100}: the publisher's payload type, and the leg's");
    return;
  }
  if (!count_is_right(node.keys.size(), node, path, field)) return;
  for (const auto& [key, value] : node.keys) {
    const auto from = read_payload_type(*key, path);
    const auto to = read_payload_type(*value, path);
    if (from && to && !out.emplace(*from, *to).second) {
      problems_.error(key->where, path, std::to_string(*from) + " is given again", "keep one");
    }
  }
}

void StructReader::read_crypto(const YamlNode& node, const std::string& path, Crypto& out) {
  WrittenCrypto written;
  read_struct(node, path, written);
  out.where = node.where;
  out.suite = written.suite;
  if (!problems_.is_broken(path)) read_keys(node, path, written, out);
}

void StructReader::read_keys(const YamlNode& node, const std::string& path, const WrittenCrypto& written,
                             Crypto& out) {
  const bool from_file = !written.key_file.empty();
  const std::string key_path = join(path, from_file ? "key_file" : "key");
  const YamlNode* key_node = node.find(from_file ? "key_file" : "key");
  const Location where = key_node == nullptr ? node.where : key_node->where;
  const std::string suite(srtp::info(written.suite).name);
  if (from_file && written.key) {
    problems_.error(where, key_path, "is given beside key", "keep one of them");
    return;
  }
  if (written.suite == srtp::Suite::none) {
    if (key_node != nullptr)
      problems_.error(where, key_path, "suite none has no key", "leave it out, or give a suite");
    return;
  }
  if (key_node == nullptr) {
    problems_.error(where, key_path, "is missing: " + suite + " needs a key", "add key or key_file");
    return;
  }
  Secret text = written.key ? written.key->text : Secret();
  if (from_file) {
    const std::string file = (folder_ / written.key_file).string();
    auto read = read_key_file(file);
    if (const auto* error = std::get_if<KeyError>(&read)) {
      problems_.error(where, key_path, error->what, error->mend);
      return;
    }
    text = std::get<Secret>(std::move(read));
  }
  const std::string_view line(reinterpret_cast<const char*>(text.bytes().data()), text.bytes().size());
  auto parsed = parse_sdes_key(line, written.suite);
  if (const auto* error = std::get_if<KeyError>(&parsed)) {
    problems_.error(where, key_path, error->what, error->mend);
    return;
  }
  out.key = std::get<KeyMaterial>(parsed).key;
  out.salt = std::get<KeyMaterial>(parsed).salt;
}

namespace {

void name_legs(Config& config) {
  std::unordered_map<std::string_view, std::size_t> layers;
  for (const Track& track : config.tracks)
    layers.emplace(track.id, track.layers.size());
  for (Leg& leg : config.legs) {
    if (!leg.name.empty()) continue;
    leg.name = leg.track + "->" + leg.transport;
    const auto track = layers.find(leg.track);
    const bool one_layer = track != layers.end() && track->second == 1;
    if (!one_layer && !leg.layer.empty()) leg.name += "/" + leg.layer;
  }
}

}  // namespace

Location read_config(const YamlNode& root, const std::filesystem::path& folder, Problems& problems,
                     Config& out) {
  StructReader reader(folder, problems);
  reader.read_struct(root, "", out);
  name_legs(out);
  return reader.inline_key();
}

void read_transport(const YamlNode& root, Problems& problems, Transport& out) {
  for (const std::string_view direction : {"receive", "send"}) {
    const YamlNode* crypto = root.kind == YamlNode::Kind::map ? root.find(direction) : nullptr;
    const YamlNode* file =
        crypto != nullptr && crypto->kind == YamlNode::Kind::map ? crypto->find("key_file") : nullptr;
    if (file == nullptr) continue;
    problems.error(file->where, join(direction, "key_file"), "is not possible here", "give the key itself");
    return;
  }
  StructReader("", problems).read_struct(root, "", out);
}

void read_track(const YamlNode& root, Problems& problems, Track& out) {
  StructReader("", problems).read_struct(root, "", out);
}

void read_leg(const YamlNode& root, Problems& problems, Leg& out) {
  StructReader("", problems).read_struct(root, "", out);
}

void read_signature_file(const YamlNode& root, Problems& problems, SignatureFile& out) {
  StructReader("", problems).read_struct(root, "", out);
}

}  // namespace causeway::config
