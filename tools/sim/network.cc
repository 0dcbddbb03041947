#include "tools/sim/network.h"

namespace causeway::sim {
namespace {

// A way that is worse than this is not held against who finds none.
constexpr std::uint32_t kGoodLossPercent = 20;
constexpr std::uint32_t kGoodDelayPercent = 200;

std::uint32_t share(std::uint64_t parts, std::uint64_t of) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>((parts << 32) / of, UINT32_MAX));
}

}  // namespace

Backbone::Backbone(const Network& settings, std::size_t sites, unsigned nodes_per_site, unsigned flows,
                   std::uint64_t seed)
    : sites_(sites),
      nodes_per_site_(nodes_per_site),
      flows_(flows),
      nodes_(sites * nodes_per_site),
      usual_loss_(share(settings.loss_ppm, 1'000'000)),
      links_(nodes_ * nodes_),
      ways_(sites * sites) {
  for (std::size_t i = 0; i < links_.size(); ++i)
    links_[i].streams = {Random(seed, Stream::datagrams, i), Random(seed, Stream::media, i)};
  for (std::size_t from = 0; from < sites_; ++from) {
    for (std::size_t to = 0; to < sites_; ++to) {
      Way& way = ways_[from * sites_ + to];
      way.base_us = settings.delays_us.empty() ? settings.base_us : settings.delays_us[from][to];
      way.jitter_us = settings.jitter_us;
      if (from == to) {
        way.base_us = settings.inside_site_us;
        way.jitter_us = settings.inside_site_us / 4;
      }
      apply(static_cast<SiteId>(from), static_cast<SiteId>(to));
    }
  }
}

// Rare: a fault is on.
void Backbone::disturb(Link& link, Lane lane, Fate& fate) {
  Random& random = link.streams[static_cast<std::size_t>(lane)];
  const auto late = [&] {
    return static_cast<std::uint32_t>(random.next()) < link.reorder ? random.between(0, kLateUs) : 0;
  };
  fate.after_us[0] += late();
  if (static_cast<std::uint32_t>(random.next()) >= link.duplicate) return;
  fate.copies = 2;
  fate.after_us[1] = fate.after_us[0] + random.between(0, 10'000) + late();
}

void Backbone::cut(SiteId from, SiteId to, std::uint8_t flows) {
  way(from, to).cut |= flows;
  apply(from, to);
}

void Backbone::heal(SiteId from, SiteId to, TimeUs now_us) {
  Way& healed = way(from, to);
  for (unsigned flow = 0; flow < healed.healed_us.size(); ++flow) {
    if ((healed.cut >> flow & 1) != 0) healed.healed_us[flow] = now_us;
  }
  healed.cut = 0;
  apply(from, to);
}

void Backbone::set_loss(SiteId from, SiteId to, std::uint32_t percent, TimeUs now_us) {
  way(from, to).loss_percent = percent;
  judge(way(from, to), now_us);
  apply(from, to);
}

void Backbone::set_delay(SiteId from, SiteId to, std::uint32_t percent, TimeUs now_us) {
  way(from, to).delay_percent = percent;
  judge(way(from, to), now_us);
  apply(from, to);
}

void Backbone::set_duplicate(SiteId from, SiteId to, std::uint32_t percent) {
  way(from, to).duplicate_percent = percent;
  apply(from, to);
}

void Backbone::set_reorder(SiteId from, SiteId to, std::uint32_t percent) {
  way(from, to).reorder_percent = percent;
  apply(from, to);
}

// Any change of a way's quality is a disturbance, from bad to good or not.
void Backbone::judge(Way& way, TimeUs now_us) const {
  const bool is_good = way.loss_percent <= kGoodLossPercent && way.delay_percent <= kGoodDelayPercent;
  way.good_since_us = is_good ? now_us : control::kNever;
}

TimeUs Backbone::heard_since_us(NodeId from, NodeId to) const {
  TimeUs since_us = control::kNever;
  for (unsigned flow = 0; flow < flows_; ++flow)
    since_us = std::min(since_us, good_since_us(from, to, flow));
  return since_us;
}

void Backbone::apply(SiteId from, SiteId to) {
  const Way& source = way(from, to);
  const std::uint32_t loss = share(source.loss_percent, 100);
  for (unsigned a = 0; a < nodes_per_site_; ++a) {
    for (unsigned b = 0; b < nodes_per_site_; ++b) {
      Link& link = links_[(from * nodes_per_site_ + a) * nodes_ + to * nodes_per_site_ + b];
      link.base_us = static_cast<std::uint32_t>(source.base_us * source.delay_percent / 100);
      link.jitter_us = static_cast<std::uint32_t>(source.jitter_us * source.delay_percent / 100);
      link.loss = std::max(usual_loss_, loss);
      link.duplicate = share(source.duplicate_percent, 100);
      link.reorder = share(source.reorder_percent, 100);
      link.cut = source.cut;
    }
  }
}

}  // namespace causeway::sim
