// The journal's sentences on verdicts, each with its numbers. Only changes are written, so only they
// allocate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/journal/entry.h"
#include "control/verdict/evidence.h"
#include "control/verdict/fleet.h"
#include "control/verdict/verdict.h"

namespace causeway::control::verdict {

std::string ms(TimeUs us);  // "3012 ms"

class Words {
 public:
  // names: of the nodes, for people. The fleet must outlive it.
  Words(const Fleet& fleet, std::vector<std::string> names, NodeId self)
      : fleet_(fleet), names_(std::move(names)), self_(self) {}

  std::string node(NodeId id) const;
  std::string own_site() const { return site(self_ < fleet_.nodes ? fleet_.site_of[self_] : kNoSite); }
  // The name of its only node, or of its first one and that there are others.
  std::string site(SiteId id) const;
  // At most kMostNames of them, and how many there are besides.
  std::string list(const NodeSet& nodes) const;
  std::string list(SiteSet sites) const;

  JournalEntry concluded(NodeId peer, Verdict verdict, const Evidence& evidence, TimeUs now_us) const;
  JournalEntry cleared(NodeId peer, Verdict verdict, TimeUs held_us, const Evidence& evidence,
                       TimeUs now_us) const;
  JournalEntry concluded(SelfVerdict verdict, const SelfEvidence& evidence, TimeUs now_us) const;
  JournalEntry cleared(SelfVerdict verdict, TimeUs held_us, TimeUs now_us) const;

  // Of this site's drain. `text` goes on after the site's name.
  JournalEntry drain(JournalKind kind, std::string_view text, TimeUs now_us) const;

 private:
  std::string because(NodeId peer, Verdict verdict, const Evidence& evidence) const;
  std::string common_mode(const SelfEvidence& evidence) const;

  const Fleet& fleet_;
  std::vector<std::string> names_;
  NodeId self_;
};

}  // namespace causeway::control::verdict
