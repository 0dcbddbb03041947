#include "control/verdict/words.h"

#include <utility>

namespace causeway::control::verdict {
namespace {

constexpr int kMostNames = 4;

// Gathers names into one phrase.
class Phrase {
 public:
  void add(const std::string& name) {
    if (++count_ > kMostNames) return;
    if (count_ > 1) text_ += ", ";
    text_ += name;
  }
  std::string finish() {
    if (count_ == 0) return "none";
    if (count_ > kMostNames) text_ += " and " + std::to_string(count_ - kMostNames) + " more";
    return std::move(text_);
  }

 private:
  std::string text_;
  int count_ = 0;
};

std::string of(int part, int whole) {
  return std::to_string(part) + " of " + std::to_string(whole);
}

std::string_view said(ProbeResult probe) {
  switch (probe) {
    case ProbeResult::silent:
      return "helpers asked it in vain";
    case ProbeResult::alive:
      return "it answered a helper";
    case ProbeResult::unanswered:
      return "no helper answered";
    case ProbeResult::none:
      break;
  }
  return "no helper has said anything yet";
}

}  // namespace

std::string ms(TimeUs us) {
  return std::to_string(us / 1000) + " ms";
}

std::string Words::node(NodeId id) const {
  return id < names_.size() ? names_[id] : "node " + std::to_string(id);
}

std::string Words::site(SiteId id) const {
  if (id >= kMaxSites || fleet_.nodes_of[id].empty()) return "site " + std::to_string(id);
  NodeId first = kNoNode;
  fleet_.nodes_of[id].for_each([&](NodeId node) { first = first == kNoNode ? node : first; });
  return fleet_.nodes_of[id].size() == 1 ? node(first) : "the site of " + node(first);
}

std::string Words::list(const NodeSet& nodes) const {
  Phrase phrase;
  nodes.for_each([&](NodeId id) { phrase.add(node(id)); });
  return phrase.finish();
}

std::string Words::list(SiteSet sites) const {
  Phrase phrase;
  for_each_site(sites, [&](SiteId id) { phrase.add(site(id)); });
  return phrase.finish();
}

std::string Words::because(NodeId peer, Verdict verdict, const Evidence& evidence) const {
  const std::string who = node(peer);
  const std::string silent = ms(evidence.silent_us);
  switch (verdict) {
    case Verdict::half_open_in:
      return who + " hears this node and is not heard here: silent for " + silent + ", and " +
             list(evidence.say_hears_us) + " know by its row that it hears us";
    case Verdict::half_open_out:
      return who + " is heard and does not hear this node: its beats have echoed none of ours for " +
             ms(evidence.one_way_us) + ", and its row says so";
    case Verdict::path_broken:
      return "the path to " + who + " is broken: silent for " + silent + " both ways, but " +
             (evidence.connected.empty() ? std::string(said(evidence.probe))
                                         : "connected to " + list(evidence.connected));
    case Verdict::peer_gone:
      return who + " is gone: silent for " + silent + " both ways, " + std::string(said(evidence.probe)) +
             ", " + of(evidence.deaf.size(), evidence.deaf.size() + evidence.connected.size()) +
             " other nodes that are heard do not hear it (" + list(evidence.deaf) + ")";
    case Verdict::none:
    case Verdict::suspect:
      break;
  }
  return who + " is silent for " + silent;
}

JournalEntry Words::concluded(NodeId peer, Verdict verdict, const Evidence& evidence, TimeUs now_us) const {
  return {now_us,
          JournalKind::verdict,
          peer,
          {},
          because(peer, verdict, evidence),
          {{"silent_ms", evidence.silent_us / 1000},
           {"one_way_ms", evidence.one_way_us / 1000},
           {"connected_nodes", evidence.connected.size()},
           {"deaf_nodes", evidence.deaf.size()},
           {"witnesses", evidence.say_hears_us.size()}}};
}

JournalEntry Words::cleared(NodeId peer, Verdict verdict, TimeUs held_us, const Evidence& evidence,
                            TimeUs now_us) const {
  std::string text =
      node(peer) + ": " + std::string(name(verdict)) + " no longer holds, after " + ms(held_us) + ": ";
  text += evidence.is_silent ? "silent for " + ms(evidence.silent_us) + ", and nobody knows why; " +
                                   std::string(said(evidence.probe))
                             : "it is heard";
  return {now_us,
          JournalKind::verdict_cleared,
          peer,
          {},
          std::move(text),
          {{"held_ms", held_us / 1000}, {"silent_ms", evidence.silent_us / 1000}}};
}

std::string Words::common_mode(const SelfEvidence& evidence) const {
  std::string text = "too much fails at once for one site's fault, nobody drains: ";
  if (evidence.told) text += "the arbiter hears of several islanded sites; ";
  text += of(evidence.failing_pairs, evidence.pairs) + " pairs of sites fail";
  if (evidence.islanded != 0) text += ", " + list(evidence.islanded) + " look islanded";
  if (evidence.sites == 2) text += ". Of two sites nobody can tell which one is cut off";
  return text;
}

JournalEntry Words::concluded(SelfVerdict verdict, const SelfEvidence& evidence, TimeUs now_us) const {
  std::string text;
  if (verdict == SelfVerdict::self_stalled) {
    text = "this node stood still: until its view has settled it judges nobody, itself included";
  } else if (verdict == SelfVerdict::common_mode) {
    text = common_mode(evidence);
  } else {
    text = own_site() +
           (verdict == SelfVerdict::backbone_lost ? " has lost its backbone, local media goes on"
                                                  : " is islanded") +
           ": nothing of " + std::to_string(evidence.nodes_elsewhere) + " nodes of other sites for " +
           ms(evidence.silent_us) + ", no helper answers, and the last matrix (" +
           ms(evidence.matrix_age_us) + " ago) showed " + of(count(evidence.group), evidence.sites) +
           " sites connected without it";
  }
  return {now_us,
          JournalKind::verdict,
          kNoNode,
          {},
          std::move(text),
          {{"silent_ms", evidence.silent_us / 1000},
           {"matrix_age_ms", evidence.matrix_age_us / 1000},
           {"connected_sites", count(evidence.group)},
           {"sites", evidence.sites},
           {"islanded_sites", count(evidence.islanded)},
           {"failing_pairs", evidence.failing_pairs},
           {"pairs", evidence.pairs}}};
}

JournalEntry Words::cleared(SelfVerdict verdict, TimeUs held_us, TimeUs now_us) const {
  return {now_us,
          JournalKind::verdict_cleared,
          kNoNode,
          {},
          own_site() + ": " + std::string(name(verdict)) + " no longer holds, after " + ms(held_us),
          {{"held_ms", held_us / 1000}}};
}

JournalEntry Words::drain(JournalKind kind, std::string_view text, TimeUs now_us) const {
  return {now_us, kind, kNoNode, {}, own_site() + std::string(text), {}};
}

}  // namespace causeway::control::verdict
