// The arbiter's rule: who may drain hard. It stands outside of all sites, and is the second key of every hard
// drain. Here as a value, for the simulator and as the pattern of a transaction on etcd.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "control/verdict/drain.h"
#include "control/verdict/fleet.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control::verdict {

enum class ArbiterAnswer : std::uint8_t {
  granted,        // for kTokenLeaseUs from now; who asks again before its end goes on holding it
  common_mode,    // two or more sites report that they are islanded
  taken,          // by another site
  too_few_sites,  // would be left
  just_started,   // a token may be out that it has forgotten
  unknown_node,   // no member
};
std::string_view name(ArbiterAnswer answer);

// Thread: one. now_us: the arbiter's own clock; one that steps back is taken to stand still. Node ids may be
// anything.
class Arbiter {
 public:
  // A node says once a second that its site looks islanded. This long it is believed.
  static constexpr TimeUs kReportUs = from_ms(5000);

  // min_sites: isolation.min_sites. is_new: it never gave a token before, in any earlier life.
  Arbiter(const Membership& membership, unsigned min_sites, TimeUs now_us, bool is_new = false);

  // Returns is_common_mode(): what the node, and all others that report, have to be told.
  bool report(NodeId node, TimeUs now_us);
  ArbiterAnswer ask(NodeId node, TimeUs now_us);  // who asks, reports
  void release(NodeId node, TimeUs now_us);

  bool is_common_mode(TimeUs now_us) const { return count(islanded(now_us)) >= 2; }
  SiteSet islanded(TimeUs now_us) const;  // by reports that are believed still
  SiteId holder(TimeUs now_us) const;     // kNoSite: the token is free

 private:
  TimeUs advance(TimeUs now_us) { return now_us_ = now_us > now_us_ ? now_us : now_us_; }
  bool is_member(NodeId node) const { return node < fleet_.nodes && fleet_.site_of[node] < kMaxSites; }

  Fleet fleet_;
  unsigned min_sites_;
  TimeUs now_us_;
  TimeUs gives_from_us_;
  std::array<TimeUs, kMaxSites> reported_us_;  // kLongAgo: never
  SiteId holder_ = kNoSite;
  NodeSet holders_;  // nodes of that site
  TimeUs lease_ends_us_ = kLongAgo;
};

}  // namespace causeway::control::verdict
