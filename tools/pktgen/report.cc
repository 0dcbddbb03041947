#include "tools/pktgen/report.h"

#include <array>
#include <cstdarg>
#include <cstdio>

#include "tools/pktgen/json.h"

namespace causeway::pktgen {

namespace {

constexpr std::size_t kMostFaultyLegs = 10;  // named to people
constexpr std::array<double, 6> kPercentiles{50, 90, 99, 99.9, 99.99, 100};

[[gnu::format(printf, 2, 3)]] void line(std::string& text, const char* format, ...) {
  std::array<char, 512> buffer{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer.data(), buffer.size(), format, arguments);
  va_end(arguments);
  text += buffer.data();
  text += '\n';
}

using Number = unsigned long long;

Number n(std::uint64_t value) {
  return value;
}

void add_sent(std::string& text, const Outcome& outcome) {
  const SentCounters& sent = outcome.sent;
  line(text, "sent      %llu packets in %.2f s: %.0f/s, %.3f Gbit/s (offered: %s)", n(sent.frames),
       outcome.seconds, outcome.sent_pps(),
       outcome.seconds > 0 ? static_cast<double>(sent.bytes) * 8e-9 / outcome.seconds : 0,
       outcome.offered_pps > 0 ? (std::to_string(std::uint64_t(outcome.offered_pps)) + "/s").c_str() : "max");
  line(text, "          %llu RTP, %llu RTCP, %llu STUN", n(sent.rtp), n(sent.sender_reports + sent.feedback),
       n(sent.stun));
  if (sent.lost + sent.reordered + sent.duplicated + sent.corrupted + sent.replayed + sent.garbage > 0) {
    line(text,
         "injected  %llu lost, %llu reordered, %llu duplicated, %llu corrupted, %llu replayed, %llu garbage",
         n(sent.lost), n(sent.reordered), n(sent.duplicated), n(sent.corrupted), n(sent.replayed),
         n(sent.garbage));
  }
}

void add_seen(std::string& text, const Outcome& outcome) {
  const SeenCounters& seen = outcome.seen;
  line(text, "legs      %llu expected, %llu received, %llu lost (%.4f %%), %llu of them verified",
       n(outcome.sum.expected), n(outcome.sum.received), n(outcome.lost),
       outcome.sum.expected > 0
           ? 100 * static_cast<double>(outcome.lost) / static_cast<double>(outcome.sum.expected)
           : 0,
       n(seen.verified));
  line(text, "faults    %llu disordered, %llu duplicates, %llu forged, %llu wrong, %llu silent legs",
       n(outcome.disordered), n(outcome.sum.duplicates), n(outcome.sum.forged), n(outcome.sum.wrong),
       n(outcome.silent_legs));
  line(text,
       "other     %llu RTCP (%llu forged), %llu bad checksums, %llu of no leg, %llu foreign, %llu stale",
       n(seen.rtcp), n(seen.rtcp_forged), n(seen.bad_checksums), n(seen.strays), n(seen.foreign),
       n(seen.stale));
}

void add_gaps(std::string& text, const char* name, const std::optional<measure::SpinGaps>& gaps) {
  if (!gaps) return;
  line(text, "%s %llu gaps, longest %.1f us, %.3f %% of %.2f s stolen", name, n(gaps->gaps().count()),
       static_cast<double>(gaps->gaps().max()) / 1000, gaps->stolen_share() * 100, gaps->watched_ns() * 1e-9);
}

void add_search(std::string& text, const SearchResult& search) {
  for (const Trial& trial : search.trials) {
    line(text, "trial     %12.0f/s offered, %12.0f/s sent: %s", trial.offered_pps, trial.achieved_pps,
         trial.lossless ? "no loss" : "loss");
  }
  line(text, "result    %.0f packets per second without loss%s%s", search.pps,
       search.limited_by_generator ? " (the generator's own limit: the appliance may do more)" : "",
       search.steady ? "" : " (trials contradicted each other: the machine is not quiet)");
}

void put_legs(Json& json, const Outcome& outcome, const Plan& plan, bool all) {
  json.array("legs", [&] {
    for (std::size_t i = 0; i < outcome.legs.size(); ++i) {
      const LegOutcome& leg = outcome.legs[i];
      if (!all && leg.clean()) continue;
      json.object("", [&] {
        json.put("name", plan.legs[i].name);
        json.put("expected", leg.expected);
        json.put("received", leg.received);
        json.put("lost", leg.lost());
        json.put("disordered", leg.disordered());
        json.put("duplicates", leg.duplicates);
        json.put("forged", leg.forged);
        json.put("wrong", leg.wrong);
      });
    }
  });
}

void put_sent(Json& json, const Outcome& outcome) {
  const SentCounters& sent = outcome.sent;
  json.object("sent", [&] {
    json.put("packets", sent.frames);
    json.put("bytes", sent.bytes);
    json.put("rtp", sent.rtp);
    json.put("sender_reports", sent.sender_reports);
    json.put("feedback", sent.feedback);
    json.put("stun", sent.stun);
  });
  json.object("injected", [&] {
    json.put("loss", sent.lost);
    json.put("reorder", sent.reordered);
    json.put("duplicate", sent.duplicated);
    json.put("corrupt", sent.corrupted);
    json.put("replay", sent.replayed);
    json.put("garbage", sent.garbage);
  });
}

void put_seen(Json& json, const Outcome& outcome) {
  const SeenCounters& seen = outcome.seen;
  json.object("received", [&] {
    json.put("expected", outcome.sum.expected);
    json.put("packets", outcome.sum.received);
    json.put("lost", outcome.lost);
    json.put("surplus", outcome.sum.received + outcome.lost - outcome.sum.expected);
    json.put("disordered", outcome.disordered);
    json.put("duplicates", outcome.sum.duplicates);
    json.put("forged", outcome.sum.forged);
    json.put("wrong", outcome.sum.wrong);
    json.put("silent_legs", outcome.silent_legs);
    json.put("verified", seen.verified);
    json.put("bad_checksums", seen.bad_checksums);
    json.put("strays", seen.strays);
    json.put("foreign", seen.foreign);
    json.put("stale", seen.stale);
  });
  json.object("rtcp", [&] {
    json.put("expected_of_legs", outcome.sent.rtcp_to_legs);
    json.put("expected_of_publishers", outcome.sent.rtcp_to_publishers);
    json.put("received", seen.rtcp);
    json.put("forged", seen.rtcp_forged);
  });
}

void put_latency(Json& json, const measure::Histogram& latency) {
  json.object("latency_ns", [&] {
    json.put("count", latency.count());
    json.put("min", latency.min());
    json.put("mean", latency.mean());
    json.put("p50", latency.percentile(50));
    json.put("p90", latency.percentile(90));
    json.put("p99", latency.percentile(99));
    json.put("p99.9", latency.percentile(99.9));
    json.put("p99.99", latency.percentile(99.99));
    json.put("max", latency.max());
    json.put("beyond", latency.beyond());
  });
}

void put_gaps(Json& json, const char* key, const std::optional<measure::SpinGaps>& gaps) {
  if (!gaps) return;
  json.object(key, [&] {
    json.put("gaps", gaps->gaps().count());
    json.put("longest_ns", gaps->gaps().max());
    json.put("stolen_ns", gaps->stolen_ns());
    json.put("watched_ns", gaps->watched_ns());
    json.put("stolen_share", gaps->stolen_share());
  });
}

void put_search(Json& json, const SearchResult& search) {
  json.object("search", [&] {
    json.put("pps", search.pps);
    json.put("limited_by_generator", search.limited_by_generator);
    json.put("steady", search.steady);
    json.array("trials", [&] {
      for (const Trial& trial : search.trials) {
        json.object("", [&] {
          json.put("offered_pps", trial.offered_pps);
          json.put("achieved_pps", trial.achieved_pps);
          json.put("lossless", trial.lossless);
        });
      }
    });
  });
}

}  // namespace

std::string to_text(const Report& report, const Plan& plan) {
  const Outcome& outcome = report.outcome;
  std::string text;
  line(text, "load      %s: %zu transports, %zu streams, %zu legs on %s, seed %llu", report.config.c_str(),
       report.transports, report.streams, outcome.legs.size(), report.device.c_str(), n(report.seed));
  if (report.search) add_search(text, *report.search);
  add_sent(text, outcome);
  add_seen(text, outcome);
  std::string latency = "latency  ";
  for (const double percent : kPercentiles) {
    std::array<char, 64> part{};
    std::snprintf(part.data(), part.size(), " p%g %.1f us,", percent,
                  static_cast<double>(outcome.latency.percentile(percent)) / 1000);
    latency += part.data();
  }
  latency.back() = '\n';
  if (outcome.latency.count() > 0) text += latency;
  add_gaps(text, "host     ", report.control);
  add_gaps(text, "loop     ", report.loop);
  if (report.counters.missed + report.counters.no_buffer > 0) {
    line(text, "device    %llu missed, %llu without buffer: this loss is the generator's own",
         n(report.counters.missed), n(report.counters.no_buffer));
  }
  std::size_t named = 0;
  for (std::size_t i = 0; i < outcome.legs.size() && named < kMostFaultyLegs; ++i) {
    const LegOutcome& leg = outcome.legs[i];
    if (leg.clean()) continue;
    ++named;
    line(text, "leg       %s: %llu of %llu, %llu disordered, %llu duplicates, %llu forged, %llu wrong",
         plan.legs[i].name.c_str(), n(leg.received), n(leg.expected), n(leg.disordered()), n(leg.duplicates),
         n(leg.forged), n(leg.wrong));
  }
  line(text, "verdict   %s", outcome.clean ? "clean" : "NOT clean");
  return text;
}

std::string to_json(const Report& report, const Plan& plan, bool legs) {
  const Outcome& outcome = report.outcome;
  Json json;
  json.object("", [&] {
    json.put("config", report.config);
    json.put("device", report.device);
    json.put("seed", report.seed);
    json.put("transports", std::uint64_t{report.transports});
    json.put("streams", std::uint64_t{report.streams});
    json.put("leg_count", std::uint64_t{outcome.legs.size()});
    json.put("clean", outcome.clean);
    json.put("seconds", outcome.seconds);
    json.put("offered_pps", outcome.offered_pps);
    json.put("sent_pps", outcome.sent_pps());
    json.put("received_pps", outcome.received_pps());
    put_sent(json, outcome);
    put_seen(json, outcome);
    put_latency(json, outcome.latency);
    put_gaps(json, "host_gaps", report.control);
    put_gaps(json, "loop_gaps", report.loop);
    json.object("device_counters", [&] {
      json.put("received", report.counters.received);
      json.put("missed", report.counters.missed);
      json.put("no_buffer", report.counters.no_buffer);
    });
    if (report.search) put_search(json, *report.search);
    put_legs(json, outcome, plan, legs);
  });
  return json.text() + "\n";
}

}  // namespace causeway::pktgen
