#include "control/verdict/matrix.h"

#include <algorithm>

namespace causeway::control::verdict {

NodeSet heard_here(const View& view, const Fleet& fleet) {
  NodeSet heard;
  const std::size_t nodes = std::min(fleet.nodes, view.peers.size());
  for (std::size_t n = 0; n < nodes; ++n) {
    if (n != view.self && (view.peers[n].beats_heard || view.peers[n].media_heard)) {
      heard.insert(static_cast<NodeId>(n));
    }
  }
  return heard;
}

Matrix::Matrix(const View& view, const Fleet& fleet, TimeUs fresh_us, TimeUs now_us) : sites_(fleet.sites) {
  NodeSet two_way;
  const std::size_t nodes = std::min(fleet.nodes, view.peers.size());
  for (std::size_t n = 0; n < nodes; ++n) {
    if (n == view.self) continue;
    const PeerView& peer = view.peers[n];
    if (peer.beats_two_way) two_way.insert(static_cast<NodeId>(n));
    if (!counts(peer.row, fresh_us, now_us)) continue;
    add(fleet.site_of[n], fleet.sites_of(peer.row.heard), fleet.sites_of(peer.row.two_way));
  }
  if (!view.frozen && view.self < fleet.nodes) {
    add(fleet.site_of[view.self], fleet.sites_of(heard_here(view, fleet)), fleet.sites_of(two_way));
  }
  join();
}

void Matrix::add(SiteId site, SiteSet heard, SiteSet two_way) {
  if (site >= kMaxSites) return;
  known_ |= only(site);
  heard_[site] |= heard & ~only(site);
  two_way_[site] |= heard & two_way & ~only(site);
}

// A pair is judged by what both sides say, and where only one side can be asked, by what that one says.
void Matrix::join() {
  std::array<SiteSet, kMaxSites> heard_by{};
  std::array<SiteSet, kMaxSites> two_way_by{};
  for_each_site(sites_, [&](SiteId a) {
    for_each_site(heard_[a], [&](SiteId b) { heard_by[b] |= only(a); });
    for_each_site(two_way_[a], [&](SiteId b) { two_way_by[b] |= only(a); });
  });
  for_each_site(sites_, [&](SiteId a) {
    const SiteSet others = sites_ & ~only(a);
    const SiteSet unheard = knows(a) ? ~heard_[a] : 0;
    failed_[a] = others & (unheard | (known_ & ~heard_by[a]));
    const SiteSet both_known = knows(a) ? known_ : 0;
    connected_[a] = others & ~failed_[a] & (both_known | two_way_[a] | two_way_by[a]);
  });
}

PairState Matrix::pair(SiteId a, SiteId b) const {
  if (a >= kMaxSites) return PairState::unknown;
  if (has(failed_[a], b)) return PairState::failed;
  return has(connected_[a], b) ? PairState::connected : PairState::unknown;
}

void Matrix::cut(SiteId site) {
  if (!has(sites_, site)) return;
  known_ |= only(site);
  for_each_site(sites_, [&](SiteId other) {
    heard_[other] &= ~only(site);
    two_way_[other] &= ~only(site);
  });
  heard_[site] = two_way_[site] = 0;
  join();
}

int Matrix::failing_pairs() const {
  int ends = 0;
  for_each_site(sites_, [&](SiteId site) { ends += count(failed_[site]); });
  return ends / 2;
}

SiteSet Matrix::islanded() const {
  SiteSet found = 0;
  for_each_site(sites_, [&](SiteId site) {
    const int others = count(sites_) - 1;
    if (connected_[site] == 0 && 2 * count(failed_[site]) > others) found |= only(site);
  });
  return found;
}

bool Matrix::is_mostly_failing() const {
  const int others = count(sites_) - 1;
  if (others < 2) return false;  // without one of two sites there is no pair left
  int worst = 0;
  for_each_site(sites_, [&](SiteId site) { worst = std::max(worst, count(failed_[site])); });
  return 2 * (failing_pairs() - worst) > others * (others - 1) / 2;
}

SiteSet Matrix::largest_group_without(SiteId site) const {
  SiteSet largest = 0;
  SiteSet rest = sites_ & ~only(site);
  while (rest != 0) {
    SiteSet group = 0;
    SiteSet reached = rest & (~rest + 1);
    while (reached != group) {
      const SiteSet added = reached & ~group;
      group = reached;
      for_each_site(added, [&](SiteId member) { reached |= connected_[member] & ~only(site); });
    }
    if (count(group) > count(largest)) largest = group;
    rest &= ~group;
  }
  return largest;
}

}  // namespace causeway::control::verdict
