// On a bad network we say of each packet what libsrtp says: taken, replayed, too old, not authentic.
//
// Where the two are brought in line:
// - Before a source's first packet both take its sequence number for the index (libsrtp has another way only
//   after srtp_set_stream_roc).
// - libsrtp takes packets one by one. A burst is opened against the state before it, so a source's first
// packet
//   is opened alone, and what is refused is judged once more after those before it.
// - For SRTCP libsrtp keeps a window of 128 indices whatever its policy says: what lies between is too old.
// - With CM suites libsrtp looks at SRTCP's E flag before anything else; with GCM suites it does not.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/framing.h"
#include "dataplane/srtp/index.h"
#include "engines.h"
#include "libsrtp_oracle.h"

namespace causeway::srtp {
namespace {

enum class Verdict { taken, replayed, too_old, not_authentic, unencrypted };

Verdict verdict_of(ReplayWindow::Verdict verdict) {
  switch (verdict) {
    case ReplayWindow::Verdict::fresh:
      return Verdict::taken;
    case ReplayWindow::Verdict::replayed:
      return Verdict::replayed;
    case ReplayWindow::Verdict::too_old:
      break;
  }
  return Verdict::too_old;
}

Verdict verdict_of(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_ok:
      return Verdict::taken;
    case srtp_err_status_replay_fail:
      return Verdict::replayed;
    case srtp_err_status_replay_old:
      return Verdict::too_old;
    case srtp_err_status_cant_check:
      return Verdict::unencrypted;
    default:
      return Verdict::not_authentic;
  }
}

constexpr std::size_t kSourcesPerSuite = 2;
constexpr std::size_t kPacketsPerSource = 600;
constexpr std::uint64_t kLibsrtpRtcpWindow = 128;

struct Session {
  Suite suite;
  bool aead;
  std::unique_ptr<SessionKeys> keys;
  std::unique_ptr<Libsrtp> sealer;
  std::unique_ptr<Libsrtp> opener;
  std::map<std::uint32_t, RtpIndex> rtp;  // by SSRC
  std::map<std::uint32_t, ReplayWindow> rtcp;
};

struct Arrival {
  Session* session;
  Bytes packet;
  std::uint32_t srtcp_index = 0;
  Verdict verdict{};
  Bytes opened;
};

class VerdictDifferential : public testing::TestWithParam<std::tuple<EngineCase, std::uint64_t>> {
 protected:
  VerdictDifferential() {
    for (const SuiteInfo& suite : all_suites().subspan(1)) {
      const Bytes key = random_.bytes(suite.key_length);
      const Bytes salt = random_.bytes(suite.salt_length);
      sessions_.push_back({suite.suite,
                           suite.aead,
                           engine_->expand(suite.suite, key, salt),
                           std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::seals),
                           std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::opens),
                           {},
                           {}});
    }
  }

  // Loses, doubles, delays and damages; the first packet comes as it is.
  std::deque<Arrival> network(Session& session, const std::vector<Bytes>& sent, std::size_t longest_delay) {
    std::multimap<std::size_t, Arrival> timeline;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (i > 0 && random_.percent(4)) continue;
      const std::size_t copies = i > 0 && random_.percent(8) ? 2 : 1;
      for (std::size_t copy = 0; copy < copies; ++copy) {
        const std::size_t delay = i == 0 || random_.percent(75) ? 0
                                  : random_.percent(90)         ? random_.between(1, 40)
                                                                : random_.between(60, longest_delay);
        Arrival arrival{&session, sent[i], 0, {}, {}};
        if (i > 0 && random_.percent(8)) damage(arrival.packet);
        timeline.emplace(i + delay, std::move(arrival));
      }
    }
    std::deque<Arrival> arrivals;
    for (auto& [time, arrival] : timeline)
      arrivals.push_back(std::move(arrival));
    return arrivals;
  }

  void damage(Bytes& packet) {
    if (random_.percent(20)) {
      packet.resize(random_.between(0, packet.size()));
    } else {
      const std::size_t reach =
          random_.percent(50) ? std::min<std::size_t>(packet.size(), 16) : packet.size();
      packet[random_.between(0, reach - 1)] ^= static_cast<std::uint8_t>(random_.between(1, 255));
    }
  }

  // All sources at once, in order within each.
  std::vector<Arrival> interleave(std::vector<std::deque<Arrival>> lanes) {
    std::vector<Arrival> arrivals;
    while (!lanes.empty()) {
      const std::size_t lane = random_.between(0, lanes.size() - 1);
      arrivals.push_back(std::move(lanes[lane].front()));
      lanes[lane].pop_front();
      if (lanes[lane].empty()) lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(lane));
    }
    return arrivals;
  }

  void open_rtp(std::span<Arrival> burst) {
    std::vector<OpenJob> jobs;
    std::vector<std::pair<Arrival*, std::optional<std::size_t>>> gathered;  // and its job
    const auto flush = [&] {
      engine_->open_rtp(jobs);
      for (const auto& [arrival, job] : gathered)
        settle_rtp(*arrival, job ? &jobs[*job] : nullptr);
      jobs.clear();
      gathered.clear();
    };
    for (Arrival& arrival : burst) {
      arrival.verdict = Verdict::not_authentic;
      const auto header_length = rtp_header_length(arrival.packet);
      if (!header_length) continue;
      const bool first = !index_of(arrival).started();
      if (first) flush();
      const RtpIndex index = index_of(arrival);
      const std::uint64_t estimate = index.estimate(net::load_be16(&arrival.packet[2]));
      if (index.check(estimate) == ReplayWindow::Verdict::fresh) {
        gathered.emplace_back(&arrival, jobs.size());
        jobs.push_back({.keys = arrival.session->keys.get(),
                        .packet = arrival.packet.data(),
                        .length = static_cast<std::uint32_t>(arrival.packet.size()),
                        .header_length = *header_length,
                        .index = estimate});
      } else {
        gathered.emplace_back(&arrival, std::nullopt);
      }
      if (first) flush();
    }
    flush();
  }

  static RtpIndex index_of(const Arrival& arrival) {
    const auto found = arrival.session->rtp.find(net::load_be32(&arrival.packet[8]));
    return found == arrival.session->rtp.end() ? RtpIndex() : found->second;
  }

  static void settle_rtp(Arrival& arrival, const OpenJob* job) {
    if (job != nullptr && job->authentic) {
      RtpIndex& index = arrival.session->rtp[net::load_be32(&arrival.packet[8])];
      arrival.verdict = verdict_of(index.accept(job->index));
      arrival.opened.assign(job->packet, job->packet + job->length);
      return;
    }
    const RtpIndex index = index_of(arrival);
    const Verdict now = verdict_of(index.check(index.estimate(net::load_be16(&arrival.packet[2]))));
    arrival.verdict = now == Verdict::taken ? Verdict::not_authentic : now;
  }

  void open_rtcp(std::span<Arrival> burst) {
    std::vector<OpenJob> jobs;
    std::vector<std::pair<Arrival*, std::optional<std::size_t>>> gathered;  // and its job
    for (Arrival& arrival : burst) {
      arrival.verdict = Verdict::not_authentic;
      const auto trailer = rtcp_trailer(arrival.session->suite, arrival.packet);
      if (!trailer) continue;
      if (!trailer->encrypted && !arrival.session->aead) {
        arrival.verdict = Verdict::unencrypted;
        continue;
      }
      arrival.srtcp_index = trailer->index;
      if (check_rtcp(arrival) != Verdict::taken) {
        gathered.emplace_back(&arrival, std::nullopt);
        continue;
      }
      gathered.emplace_back(&arrival, jobs.size());
      jobs.push_back({.keys = arrival.session->keys.get(),
                      .packet = arrival.packet.data(),
                      .length = static_cast<std::uint32_t>(arrival.packet.size())});
    }
    engine_->open_rtcp(jobs);
    for (const auto& [arrival, job] : gathered)
      settle_rtcp(*arrival, job ? &jobs[*job] : nullptr);
  }

  static Verdict check_rtcp(const Arrival& arrival) {
    const auto found = arrival.session->rtcp.find(net::load_be32(&arrival.packet[4]));
    if (found == arrival.session->rtcp.end()) return Verdict::taken;
    if (arrival.srtcp_index + kLibsrtpRtcpWindow <= found->second.highest()) return Verdict::too_old;
    return verdict_of(found->second.check(arrival.srtcp_index));
  }

  static void settle_rtcp(Arrival& arrival, const OpenJob* job) {
    arrival.verdict = check_rtcp(arrival);
    if (arrival.verdict != Verdict::taken) return;
    if (job == nullptr || !job->authentic) {
      arrival.verdict = Verdict::not_authentic;
      return;
    }
    arrival.session->rtcp[net::load_be32(&arrival.packet[4])].accept(arrival.srtcp_index);
    arrival.opened.assign(job->packet, job->packet + job->length);
  }

  void compare(bool rtcp, std::vector<Arrival> arrivals) {
    std::map<std::pair<Suite, Verdict>, std::size_t> seen;
    std::span<Arrival> left(arrivals);
    while (!left.empty()) {
      const std::span<Arrival> burst = left.first(std::min<std::size_t>(left.size(), random_.between(1, 64)));
      left = left.subspan(burst.size());
      std::vector<Bytes> wire;
      for (const Arrival& arrival : burst)
        wire.push_back(arrival.packet);
      rtcp ? open_rtcp(burst) : open_rtp(burst);
      for (std::size_t i = 0; i < burst.size(); ++i) {
        const Session& session = *burst[i].session;
        const auto [status, opened] =
            rtcp ? session.opener->open_rtcp(wire[i]) : session.opener->open_rtp(wire[i]);
        ASSERT_EQ(burst[i].verdict, verdict_of(status))
            << info(session.suite).name << " libsrtp " << status << " length " << wire[i].size();
        if (status == srtp_err_status_ok) {
          ASSERT_EQ(burst[i].opened, opened) << info(session.suite).name;
        }
        ++seen[{session.suite, burst[i].verdict}];
      }
    }
    for (const Session& session : sessions_) {
      for (const Verdict verdict :
           {Verdict::taken, Verdict::replayed, Verdict::too_old, Verdict::not_authentic}) {
        EXPECT_GT((seen[{session.suite, verdict}]), 0U) << info(session.suite).name;
      }
      EXPECT_GT((seen[{session.suite, Verdict::taken}]), kPacketsPerSource) << info(session.suite).name;
    }
  }

  std::uint64_t seed() const { return std::get<1>(GetParam()); }

  Random random_{seed()};
  std::unique_ptr<Engine> engine_ = std::get<0>(GetParam()).make();
  std::vector<Session> sessions_;
};

TEST_P(VerdictDifferential, Rtp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed());
  std::vector<std::deque<Arrival>> lanes;
  for (Session& session : sessions_) {
    for (std::size_t source = 0; source < kSourcesPerSuite; ++source) {
      const auto ssrc = static_cast<std::uint32_t>(random_.between(0, 0xffffffff));
      std::uint64_t index = 65535 - random_.between(0, 200);
      std::vector<Bytes> sent;
      for (std::size_t i = 0; i < kPacketsPerSource; ++i) {
        const PlainPacket plain = random_rtp(random_, ssrc, static_cast<std::uint16_t>(index));
        sent.push_back(session.sealer->seal_rtp(plain.bytes));
        index += random_.percent(8) ? random_.between(500, 3000) : 1;
      }
      lanes.push_back(network(session, sent, 100));
    }
  }
  compare(false, interleave(std::move(lanes)));
}

TEST_P(VerdictDifferential, Rtcp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed());
  std::vector<std::deque<Arrival>> lanes;
  for (Session& session : sessions_) {
    for (std::size_t source = 0; source < kSourcesPerSuite; ++source) {
      const auto ssrc = static_cast<std::uint32_t>(random_.between(0, 0xffffffff));
      std::vector<Bytes> sent;
      for (std::size_t i = 0; i < kPacketsPerSource; ++i) {
        sent.push_back(session.sealer->seal_rtcp(random_rtcp(random_, ssrc).bytes));
      }
      lanes.push_back(network(session, sent, 300));
    }
  }
  compare(true, interleave(std::move(lanes)));
}

INSTANTIATE_TEST_SUITE_P(Engines, VerdictDifferential,
                         testing::Combine(testing::ValuesIn(engine_of_each_library()),
                                          testing::ValuesIn(seeds())));

}  // namespace
}  // namespace causeway::srtp
