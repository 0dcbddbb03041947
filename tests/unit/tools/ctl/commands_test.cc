// The commands against a real server of the API, and a node that is made up.
#include "tools/ctl/commands.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "control/api/server.h"
#include "control/journal/record.h"
#include "tests/unit/control/api/ask.h"

namespace causeway::ctl {
namespace {

using control::JournalPage;
using control::JournalQuery;
using control::Record;
using control::track_key;
namespace api = control::api;

class Ctl : public testing::Test {
 protected:
  Ctl() : folder_(testing::TempDir() + "causewayctl-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
    socket = folder_ + "/api.sock";
    api::ServerSettings settings;
    settings.unix_path = socket;
    settings.tcp = net::Endpoint{*net::IpAddress::parse("127.0.0.1"), 0};
    settings.token = api::Token("correct-horse-battery");
    settings.nodes = {"paris", "oslo"};
    service.view.node = "oslo-1";
    for (int i = 0; i < 1500; ++i)
      service.relays[track_key("t" + std::to_string(i))].is_wanted = true;
    server = std::make_unique<api::Server>(settings);
    control_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd wait{server->fd(), POLLIN, 0};
        if (poll(&wait, 1, 10) == 1) server->serve(service);
      }
    });
  }
  ~Ctl() override {
    control_ = {};
    server.reset();
    std::filesystem::remove_all(folder_);
  }

  Commands commands(bool is_json = false) {
    return {Client(Address{.socket = socket}), is_json, [this](std::string_view text) { out += text; }};
  }
  template <class Call>
  static std::string refusal(Call call) {
    try {
      call();
    } catch (const Refused& refused) {
      return refused.what();
    } catch (const NotReachable& error) {
      return std::string("not reachable: ") + error.what();
    }
    return "";
  }

  std::string folder_;
  std::string socket;
  std::string out;
  api::test::FakeService service;
  std::unique_ptr<api::Server> server;

 private:
  std::jthread control_;
};

TEST_F(Ctl, ShowsTextAndJson) {
  commands().status();
  EXPECT_TRUE(out.starts_with("oslo-1 in ")) << out;
  out.clear();
  commands(true).status();
  EXPECT_TRUE(out.starts_with("{\"node\":\"oslo-1\"")) << out;
}

TEST_F(Ctl, GathersAllPagesOfAList) {
  commands(true).relays();
  const auto json = nlohmann::json::parse(out);
  EXPECT_EQ(json.at("items").size(), 1500U);
  EXPECT_TRUE(json.at("next").is_null());
}

TEST_F(Ctl, DrainsAndUndrains) {
  commands().drain(true);
  EXPECT_EQ(out, "drained by an operator\n");
  EXPECT_TRUE(service.drained);
  out.clear();
  commands().drain(false);
  EXPECT_EQ(out, "in service\n");
}

TEST_F(Ctl, PutsGetsAndDeletes) {
  commands().put("transport", "ab", api::test::transport_body("ab", 5000));
  commands().get("transport", "ab");
  commands().remove("transport", "ab");
  commands().remove("transport", "ab");
  EXPECT_TRUE(out.starts_with("transport ab is as asked for now\n{\n  \"name\": \"ab\"")) << out;
  EXPECT_TRUE(out.ends_with("transport ab is gone\nthere was no transport ab\n")) << out;
  EXPECT_EQ(refusal([&] { commands().put("track", "t", "{\n \"x\": 1}"); }).substr(0, 5), "line ");
}

TEST_F(Ctl, TellsTheTimelineOfAllPages) {
  service.reader = [](const JournalQuery& query) {
    JournalPage page;
    const std::uint64_t number = query.after.value() + 1;
    std::string line = control::write_line(
        {.number = number, .at_ms = query.from_ms, .kind = "lie", .severity = "warning", .text = "no"});
    line.pop_back();
    page.lines = {line};
    page.last = number;
    page.has_later = number < 3;
    return page;
  };
  commands().timeline("-15m", "now");
  EXPECT_NE(out.find(", 3 entries."), out.npos) << out;
  EXPECT_NE(refusal([&] { commands().timeline("x", "now"); }).find("from \"x\""), std::string::npos)
      << refusal([&] { commands().timeline("x", "now"); });
}

TEST_F(Ctl, FollowsEvents) {
  std::atomic<bool> is_over = false;
  std::jthread later([&] {
    while (!is_over) {
      server->publish({{.kind = control::JournalKind::lie, .track = {}, .text = "it lies", .numbers = {}}},
                      0);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  std::string seen;
  const Commands following(Client(Address{.socket = socket}), false,
                           [&](std::string_view text) { seen += text; });
  following.events([&] { return !seen.empty(); });
  EXPECT_NE(seen.find("warning lie: it lies\n"), seen.npos) << seen;
  is_over = true;
}

TEST_F(Ctl, AsksByTcpWithAToken) {
  Address address;
  set_url(address, "http://127.0.0.1:" + std::to_string(server->tcp_port()) + "/");
  const auto print = [this](std::string_view text) { out += text; };
  EXPECT_NE(refusal([&] { Commands(Client(address), false, print).status(); }).find("--token-file"),
            std::string::npos);
  address.token = "correct-horse-battery";
  Commands(Client(address), false, print).status();
  EXPECT_TRUE(out.starts_with("oslo-1 in ")) << out;
}

TEST_F(Ctl, SaysWhatToDoIfThereIsNobody) {
  const auto ask = [](const std::string& path) {
    return refusal(
        [&] { Commands(Client(Address{.socket = path}), false, [](std::string_view) {}).status(); });
  };
  EXPECT_NE(ask(folder_ + "/none").find("is the appliance running?"), std::string::npos)
      << ask(folder_ + "/none");
  EXPECT_TRUE(refusal([&] { commands().where("nothing"); }).find("nothing is known here") == 0);
}

TEST(CtlUrl, IsHostAndPort) {
  const auto parsed = [](const std::string& url) {
    Address address;
    set_url(address, url);
    return address.host + " " + address.port;
  };
  EXPECT_EQ(parsed("http://a.example:9000"), "a.example 9000");
  EXPECT_EQ(parsed("http://a.example/"), "a.example 80");
  EXPECT_EQ(parsed("http://[2001:db8::1]:9000"), "2001:db8::1 9000");
  for (const char* url : {"", "https://a", "http://", "http://:80", "http://a:", "http://a/b", "http://[::1"})
    EXPECT_THROW(parsed(url), std::invalid_argument) << url;
}

}  // namespace
}  // namespace causeway::ctl
