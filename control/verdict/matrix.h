// The who-hears-whom matrix of sites: a site hears another one if any node of the one hears any node of the
// other. A value; made anew from each View.
#pragma once

#include <array>
#include <cstdint>

#include "control/verdict/fleet.h"
#include "control/verdict/view.h"

namespace causeway::control::verdict {

// Whether a row says something about now.
constexpr bool counts(const Row& row, TimeUs fresh_us, TimeUs now_us) {
  return !row.stalled && row.at_us != kNever && (row.at_us >= now_us || now_us - row.at_us <= fresh_us);
}

// Whom the own node hears, by beats or by media; it does not matter here how well its own clock runs.
NodeSet heard_here(const View& view, const Fleet& fleet);

enum class PairState : std::uint8_t {
  unknown,    // no row that counts says it
  connected,  // both hear each other
  failed,     // at least one that can be asked does not hear the other
};

class Matrix {
 public:
  Matrix() = default;
  // The own row is that of view.peers, the others' are those that came within fresh_us. Rows of nodes that
  // stalled count for nothing, the own one included (view.frozen).
  Matrix(const View& view, const Fleet& fleet, TimeUs fresh_us, TimeUs now_us);

  bool knows(SiteId site) const { return has(known_, site); }  // a row of it counts
  // False, too, if nothing is known of a.
  bool hears(SiteId a, SiteId b) const { return a < kMaxSites && has(heard_[a], b); }
  SiteSet heard_by(SiteId site) const { return site < kMaxSites ? heard_[site] : 0; }
  PairState pair(SiteId a, SiteId b) const;

  // From now on nothing of this site is heard, and it hears nobody: what the last matrix before the own
  // silence means once that silence is there.
  void cut(SiteId site);

  int pairs() const { return count(sites_) * (count(sites_) - 1) / 2; }
  int failing_pairs() const;
  // Sites that are connected to none, and most of whose pairs fail. Not all of them need to: nobody has news
  // of the pair of two such sites. One that is dead looks the same from outside.
  SiteSet islanded() const;
  // Most pairs fail, and not because of one site: the pairs of the site that explains most are left out of
  // the count. (Of three sites, one islanded is two failing pairs of three. That is no common mode.)
  bool is_mostly_failing() const;
  // The largest set of sites without `site` that are connected to each other, perhaps by way of others of it.
  SiteSet largest_group_without(SiteId site) const;
  bool is_majority(SiteSet group) const { return 2 * count(group) > count(sites_); }

 private:
  void add(SiteId site, SiteSet heard, SiteSet two_way);
  void join();

  SiteSet sites_ = 0;
  SiteSet known_ = 0;
  std::array<SiteSet, kMaxSites> heard_{};
  std::array<SiteSet, kMaxSites> two_way_{};
  std::array<SiteSet, kMaxSites> failed_{};     // symmetric, as the next one
  std::array<SiteSet, kMaxSites> connected_{};  // what is in neither is unknown
};

}  // namespace causeway::control::verdict
