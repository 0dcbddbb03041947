// What can be concluded of a peer, and of oneself.
#pragma once

#include <cstdint>
#include <string_view>

namespace causeway::control::verdict {

// X(verdict, what it says of the peer)
#define CAUSEWAY_VERDICTS(X)                                                     \
  X(none, "nothing is wrong with it, as far as is known")                        \
  X(suspect, "silent, the cause is not known (yet)")                             \
  X(half_open_in, "it hears this node, and this node does not hear it")          \
  X(half_open_out, "it is heard, and does not hear this node")                   \
  X(path_broken, "neither hears the other, but a third node is connected to it") \
  X(peer_gone, "silent for heartbeat.down_ms, and helpers asked it in vain")

// X(verdict, what it says of this node or its site)
#define CAUSEWAY_SELF_VERDICTS(X)                                                       \
  X(none, "nothing is wrong here, as far as is known")                                  \
  X(self_stalled, "the control thread stood still: its view is not trusted")            \
  X(islanded, "this site hears no other one, and those were connected to each other")   \
  X(common_mode, "too much fails at once for it to be one site's fault: nobody drains") \
  X(backbone_lost, "islanded, but local media arrives: rooms with nobody elsewhere go on as if nothing was")

#define CAUSEWAY_NAME(name, help) name,
enum class Verdict : std::uint8_t { CAUSEWAY_VERDICTS(CAUSEWAY_NAME) };
enum class SelfVerdict : std::uint8_t { CAUSEWAY_SELF_VERDICTS(CAUSEWAY_NAME) };
#undef CAUSEWAY_NAME

inline constexpr int kVerdicts = static_cast<int>(Verdict::peer_gone) + 1;
inline constexpr int kSelfVerdicts = static_cast<int>(SelfVerdict::backbone_lost) + 1;

std::string_view name(Verdict verdict);
std::string_view name(SelfVerdict verdict);
std::string_view help(Verdict verdict);
std::string_view help(SelfVerdict verdict);

constexpr bool is_islanded(SelfVerdict verdict) {
  return verdict == SelfVerdict::islanded || verdict == SelfVerdict::backbone_lost;
}

}  // namespace causeway::control::verdict
