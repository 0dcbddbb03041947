#include "control/verdict/arbiter.h"

namespace causeway::control::verdict {

std::string_view name(ArbiterAnswer answer) {
  switch (answer) {
    case ArbiterAnswer::granted:
      return "granted";
    case ArbiterAnswer::common_mode:
      return "common_mode";
    case ArbiterAnswer::taken:
      return "taken";
    case ArbiterAnswer::too_few_sites:
      return "too_few_sites";
    case ArbiterAnswer::just_started:
      return "just_started";
    case ArbiterAnswer::unknown_node:
      break;
  }
  return "unknown_node";
}

Arbiter::Arbiter(const Membership& membership, unsigned min_sites, TimeUs now_us, bool is_new)
    : fleet_(membership),
      min_sites_(min_sites),
      now_us_(now_us),
      gives_from_us_(is_new ? now_us : now_us + kTokenLeaseUs) {
  reported_us_.fill(kLongAgo);
}

bool Arbiter::report(NodeId node, TimeUs now_us) {
  now_us = advance(now_us);
  if (is_member(node)) reported_us_[fleet_.site_of[node]] = now_us;
  return is_common_mode(now_us);
}

SiteSet Arbiter::islanded(TimeUs now_us) const {
  SiteSet found = 0;
  for_each_site(fleet_.sites, [&](SiteId site) {
    if (now_us - reported_us_[site] < kReportUs) found |= only(site);
  });
  return found;
}

SiteId Arbiter::holder(TimeUs now_us) const {
  return now_us < lease_ends_us_ ? holder_ : kNoSite;
}

ArbiterAnswer Arbiter::ask(NodeId node, TimeUs now_us) {
  if (!is_member(node)) return ArbiterAnswer::unknown_node;
  now_us = advance(now_us);
  const SiteId site = fleet_.site_of[node];
  if (report(node, now_us)) return ArbiterAnswer::common_mode;
  if (now_us < gives_from_us_) return ArbiterAnswer::just_started;
  const SiteId held_by = holder(now_us);
  if (held_by != kNoSite && held_by != site) return ArbiterAnswer::taken;
  const SiteSet left = fleet_.sites & ~islanded(now_us);
  if (count(left) < static_cast<int>(min_sites_)) return ArbiterAnswer::too_few_sites;
  if (held_by == kNoSite) holders_ = {};
  holder_ = site;
  holders_.insert(node);
  lease_ends_us_ = now_us + kTokenLeaseUs;
  return ArbiterAnswer::granted;
}

void Arbiter::release(NodeId node, TimeUs now_us) {
  now_us = advance(now_us);
  if (!is_member(node) || holder(now_us) != fleet_.site_of[node]) return;
  holders_.erase(node);
  if (holders_.empty()) lease_ends_us_ = kLongAgo;
}

}  // namespace causeway::control::verdict
