#include "control/verdict/self.h"

#include <algorithm>

namespace causeway::control::verdict {

void Self::turn(const View& view, TimeUs now_us, Output& output) {
  listen(view, now_us);
  // A stalled node's ears count for good news only.
  if (!view.frozen) take_matrix(view, now_us);
  const bool has_helpers = has_answer(view, now_us);
  looks_islanded_ = !view.starting && !view.frozen && !hears_others_ && !has_helpers &&
                    count(fleet_.sites) > 1 && silent_us_ >= timers_.down_us;
  judge_common_mode(now_us);
  judge_local_media(view, now_us);
  const SelfVerdict found = conclude(view);
  if (found != verdict_) change(found, now_us, output);
}

// Who of other sites is heard, by any node of this one, and for how long none of them was.
void Self::listen(const View& view, TimeUs now_us) {
  const SiteId own = own_site();
  heard_ = heard_here(view, fleet_);
  NodeSet pooled = heard_;
  TimeUs newest_us = kLongAgo;
  for (std::size_t n = 0; n < fleet_.nodes; ++n) {
    if (n == self_) continue;
    const PeerView& peer = view.peers[n];
    if (fleet_.site_of[n] != own) {
      newest_us = std::max(newest_us, peer.silent_since_us);
    } else if (counts(peer.row, timers_.down_us, now_us)) {
      pooled = pooled | peer.row.heard;
    }
  }
  hears_others_ = (fleet_.sites_of(pooled) & ~only(own)) != 0;
  silent_us_ = hears_others_ || newest_us > now_us ? 0 : now_us - newest_us;
}

void Self::take_matrix(const View& view, TimeUs now_us) {
  matrix_ = Matrix(view, fleet_, timers_.down_us, now_us);
  if (hears_others_) {
    last_ = matrix_;
    last_us_ = now_us;
  } else if (last_us_ != kNever) {
    // Rows of the time before the silence grow old one after the other. The last whole picture is better.
    matrix_ = last_;
    matrix_.cut(own_site());
  }
  group_ = last_us_ == kNever ? 0 : matrix_.largest_group_without(own_site());
  islanded_ = matrix_.islanded();
}

// A helper's word on a node of another site, within down_ms. What was said before is still in the View as
// long as the peer that it is about is silent, so only a change is news. Where a site mate is heard, "silent"
// may be the mate's word; that mate is as deaf as this node, or its row would show it.
bool Self::has_answer(const View& view, TimeUs now_us) {
  const bool has_mate = !(heard_ & fleet_.nodes_of[own_site() % kMaxSites]).empty();
  bool found = false;
  for (std::size_t n = 0; n < fleet_.nodes; ++n) {
    if (n == self_ || fleet_.site_of[n] == own_site()) continue;
    const ProbeResult probe = view.peers[n].probe;
    Answer& answer = answers_[n];
    if (probe != answer.seen) {
      answer.seen = probe;
      const bool is_word = probe == ProbeResult::alive || (probe == ProbeResult::silent && !has_mate);
      if (is_word) answer.at_us = now_us;
    }
    found = found || now_us - answer.at_us < timers_.down_us;
  }
  return found;
}

bool Self::has_local_media(const View& view, TimeUs now_us) const {
  if (view.local_media) return true;
  bool found = false;
  fleet_.nodes_of[own_site() % kMaxSites].for_each([&](NodeId mate) {
    const Row& row = view.peers[mate].row;
    if (mate != self_ && counts(row, timers_.down_us, now_us)) found = found || row.local_media;
  });
  return found;
}

// It begins once the matrix has shown it for as long as rows take to arrive, and ends when it has not for as
// long as they count. The arbiter's word needs no confirmation: it only ever keeps sites in service.
void Self::judge_common_mode(TimeUs now_us) {
  matrix_common_ = count(islanded_) >= 2 || matrix_.is_mostly_failing();
  if (!matrix_common_) common_since_us_ = kNever;
  if (matrix_common_ && common_since_us_ == kNever) common_since_us_ = now_us;
  const bool is_shown = matrix_common_ && now_us - common_since_us_ >= timers_.row_way_us;
  if (told_ || is_shown || (common_ && matrix_common_)) {
    common_ = true;
    common_last_us_ = now_us;
  } else if (now_us - common_last_us_ >= timers_.down_us) {
    common_ = false;
  }
}

// While a site is islanded its verdict does not follow every pause of the local media.
void Self::judge_local_media(const View& view, TimeUs now_us) {
  const bool has_media = has_local_media(view, now_us);
  if (has_media == local_media_) {
    local_media_until_us_ = now_us;
  } else if (!is_islanded(verdict_) || now_us - local_media_until_us_ >= timers_.down_us) {
    local_media_ = has_media;
    local_media_until_us_ = now_us;
  }
}

SelfVerdict Self::conclude(const View& view) const {
  if (view.starting) return SelfVerdict::none;
  if (view.frozen) return SelfVerdict::self_stalled;
  if (common_) return SelfVerdict::common_mode;
  if (!looks_islanded_ || !matrix_.is_majority(group_)) return SelfVerdict::none;
  return local_media_ ? SelfVerdict::backbone_lost : SelfVerdict::islanded;
}

void Self::change(SelfVerdict to, TimeUs now_us, Output& output) {
  if (to == SelfVerdict::none) {
    output.journal.push_back(words_.cleared(verdict_, now_us - since_us_, now_us));
  } else {
    SelfEvidence evidence;
    evidence.silent_us = silent_us_;
    evidence.matrix_age_us = last_us_ == kNever ? 0 : now_us - last_us_;
    evidence.group = group_;
    evidence.islanded = islanded_;
    evidence.sites = count(fleet_.sites);
    for (std::size_t n = 0; n < fleet_.nodes; ++n)
      evidence.nodes_elsewhere += fleet_.site_of[n] != own_site();
    evidence.failing_pairs = matrix_.failing_pairs();
    evidence.pairs = matrix_.pairs();
    evidence.told = told_;
    output.journal.push_back(words_.concluded(to, evidence, now_us));
  }
  output.self.push_back({verdict_, to});
  verdict_ = to;
  since_us_ = now_us;
  ++times_[static_cast<std::size_t>(to)];
}

}  // namespace causeway::control::verdict
