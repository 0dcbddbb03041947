// The server with real sockets, and a control thread that is the test's own.
#include "control/api/server.h"

#include <arpa/inet.h>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "drivers/start_error.h"
#include "tests/unit/control/api/ask.h"
#include "tests/unit/control/api/socket.h"

namespace causeway::control::api::test {
namespace {

using namespace std::chrono_literals;

class ApiServer : public testing::Test {
 protected:
  ApiServer() : folder_(testing::TempDir() + "causeway-api-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
    settings.unix_path = folder_ + "/api.sock";
    settings.nodes = {"paris", "oslo"};
  }
  ~ApiServer() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start(bool is_turning = true) {
    server = std::make_unique<Server>(settings);
    if (!is_turning) return;
    control_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd wait{server->fd(), POLLIN, 0};
        if (poll(&wait, 1, 10) == 1) server->serve(service);
      }
    });
  }
  void stop() {
    control_ = {};
    server.reset();
  }

  std::unique_ptr<Socket> connect_unix() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    settings.unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return std::make_unique<Socket>(fd);
  }
  std::unique_ptr<Socket> connect_tcp() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server->tcp_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return std::make_unique<Socket>(fd);
  }
  void with_tcp() {
    settings.tcp = net::Endpoint{*net::IpAddress::parse("127.0.0.1"), 0};
    settings.token = Token("correct-horse-battery");
  }
  // One request on a connection of its own.
  std::string ask(const std::string& text) const {
    const auto client = connect_unix();
    client->write(text);
    return client->read();
  }
  static std::string get(const std::string& target, const std::string& more = "Connection: close\r\n") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
  }
  static std::string put(const std::string& target, const std::string& body, const std::string& more = "") {
    return "PUT " + target +
           " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::string folder_;
  ServerSettings settings;
  FakeService service;
  std::unique_ptr<Server> server;

 private:
  std::jthread control_;
};

TEST_F(ApiServer, AnswersByTheControlThread) {
  start();
  const std::string text = ask(put("/v1/transports/a", transport_body("a", 5000)));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 201 Created\r\n")) << text;
  EXPECT_NE(text.find("\r\nETag: \"7-1\"\r\n"), std::string::npos) << text;
  EXPECT_TRUE(ask(get("/v1/transports/a")).starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(server->counters().requests, 2U);
}

TEST_F(ApiServer, AnswersWhatIsSentAheadInOrder) {
  start();
  const auto client = connect_unix();
  client->write(get("/v1/status", "") + get("/nowhere", "") + get("/healthz"));
  const std::string text = client->read();
  const std::size_t first = text.find("HTTP/1.1 200");
  const std::size_t second = text.find("HTTP/1.1 404");
  const std::size_t third = text.find("HTTP/1.1 200", second);
  EXPECT_EQ(first, 0U);
  EXPECT_NE(second, std::string::npos);
  EXPECT_NE(third, std::string::npos);
}

TEST_F(ApiServer, TheSocketIsForItsOwnerAndGroupOnly) {
  start();
  struct stat status {};
  ASSERT_EQ(stat(settings.unix_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660U);
  stop();
  EXPECT_FALSE(std::filesystem::exists(settings.unix_path));
}

TEST_F(ApiServer, ReplacesASocketThatNobodyServes) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  settings.unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  close(fd);
  start();
  EXPECT_TRUE(ask(get("/healthz")).starts_with("HTTP/1.1 200"));
}

TEST_F(ApiServer, LeavesAFileAndASocketInUseAlone) {
  std::ofstream(settings.unix_path) << "precious";
  EXPECT_THROW(start(), drivers::StartError);
  EXPECT_TRUE(std::filesystem::exists(settings.unix_path));
  std::filesystem::remove(settings.unix_path);
  start();
  EXPECT_THROW(Server{settings}, drivers::StartError);
  EXPECT_TRUE(ask(get("/healthz")).starts_with("HTTP/1.1 200"));
}

TEST_F(ApiServer, TcpNeedsTheToken) {
  with_tcp();
  start();
  for (const std::string header :
       {"", "Authorization: Bearer wrong\r\n", "Authorization: Bearer correct-horse-batter\r\n",
        "Authorization: Basic correct-horse-battery\r\n",
        "Authorization: Bearer correct-horse-battery \x01\r\n"}) {
    const auto client = connect_tcp();
    client->write(put("/v1/transports/a", transport_body("a", 5000), header));
    const std::string text = client->read();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 40")) << header << text;
    EXPECT_EQ(text.find("horse"), std::string::npos);
  }
  EXPECT_EQ(service.state().version(), 0U);
  const auto client = connect_tcp();
  client->write(
      put("/v1/transports/a", transport_body("a", 5000), "Authorization: Bearer correct-horse-battery\r\n"));
  EXPECT_TRUE(client->read().starts_with("HTTP/1.1 201"));
  EXPECT_GE(server->counters().unauthorized, 4U);
}

TEST_F(ApiServer, TcpWithoutATokenDoesNotStart) {
  with_tcp();
  settings.token.reset();
  EXPECT_THROW(start(), drivers::StartError);
}

TEST_F(ApiServer, ATooLargeBodyIsRefusedBeforeItIsRead) {
  start();
  EXPECT_TRUE(ask(put("/v1/transports/a", std::string(300'000, ' '))).starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(ask("PUT /v1/transports/a HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n")
                  .starts_with("HTTP/1.1 413"));
  const auto client = connect_unix();
  client->write("PUT /v1/transports/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30 && client->write("4000\r\n" + std::string(0x4000, ' ') + "\r\n"); ++i) {
  }
  EXPECT_TRUE(client->read().starts_with("HTTP/1.1 413"));
}

TEST_F(ApiServer, ATooLongHeaderIsRefused) {
  start();
  EXPECT_TRUE(ask(get("/" + std::string(20'000, 'x'))).starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(ask(get("/healthz", "X: " + std::string(20'000, 'x') + "\r\n")).starts_with("HTTP/1.1 431"));
}

TEST_F(ApiServer, WhatIsNoHttpIsRefused) {
  start();
  for (const std::string text :
       {"hello\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\xfc\r\n\r\n"}) {
    EXPECT_TRUE(ask(text).starts_with("HTTP/1.1 400")) << text;
  }
}

TEST_F(ApiServer, TellsToGoOnWhoAsksBeforeTheBody) {
  start();
  const auto client = connect_unix();
  const std::string body = transport_body("a", 5000);
  client->write(
      "PUT /v1/transports/a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_TRUE(client->read("\r\n\r\n").starts_with("HTTP/1.1 100"));
  client->write(body);
  EXPECT_TRUE(client->read().starts_with("HTTP/1.1 201"));
}

TEST_F(ApiServer, WhoIsTooSlowIsCut) {
  settings.request_time = 200ms;
  settings.idle_time = 200ms;
  start();
  const auto silent = connect_unix();
  const auto slow = connect_unix();
  slow->write("GET /healthz HT");
  EXPECT_EQ(silent->read(), "");
  EXPECT_EQ(slow->read(), "");
}

TEST_F(ApiServer, SaysSoWhenTheControlThreadStandsStill) {
  settings.health_time = 100ms;
  settings.request_time = 300ms;
  start(false);
  EXPECT_TRUE(ask(get("/healthz")).starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(ask(put("/v1/transports/a", transport_body("a", 5000))).starts_with("HTTP/1.1 503"));
  EXPECT_EQ(server->counters().late, 2U);
  server->serve(service);  // what was given up is not done any more
  EXPECT_EQ(service.state().version(), 0U);
}

TEST_F(ApiServer, RefusesMoreThanMayWait) {
  settings.waiting = 2;
  settings.request_time = 500ms;
  start(false);
  std::vector<std::unique_ptr<Socket>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect_unix());
    clients.back()->write(get("/v1/status"));
  }
  int overloaded = 0;
  for (const auto& client : clients)
    overloaded += client->read().find("\"overloaded\"") != std::string::npos ? 1 : 0;
  EXPECT_EQ(overloaded, 1);
  EXPECT_EQ(server->counters().overloaded, 1U);
}

TEST_F(ApiServer, RefusesMoreConnectionsThanThereMayBe) {
  settings.connections = 4;
  start();
  std::vector<std::unique_ptr<Socket>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect_unix());
    clients.back()->write(get("/healthz", ""));
    clients.back()->read("\r\n\r\n");
  }
  EXPECT_TRUE(connect_unix()->read().starts_with("HTTP/1.1 503"));
  clients.clear();
  for (int i = 0; i < 100 && server->counters().connections > 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(ask(get("/healthz")).starts_with("HTTP/1.1 200"));
}

TEST_F(ApiServer, StrangersOnTheNetworkLeaveRoomForTheUnixSocket) {
  with_tcp();
  settings.connections = 4;
  settings.request_time = 500ms;
  start();
  std::vector<std::unique_ptr<Socket>> strangers;
  for (int i = 0; i < 3; ++i) {
    strangers.push_back(connect_tcp());
  }
  EXPECT_TRUE(connect_tcp()->read().starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(ask(get("/healthz")).starts_with("HTTP/1.1 200"));
  EXPECT_EQ(strangers[0]->read(), "");  // and not for long
}

Journal entries(int count, const std::string& text = "it happened") {
  return Journal(
      static_cast<std::size_t>(count),
      {.at_us = 1, .kind = JournalKind::link_down, .peer = 1, .track = {}, .text = text, .numbers = {}});
}

TEST_F(ApiServer, TellsEventsToAllWhoListen) {
  start();
  const auto one = connect_unix();
  const auto other = connect_unix();
  one->write(get("/v1/events", ""));
  other->write(get("/v1/events", ""));
  EXPECT_NE(one->read("\r\n\r\n").find("text/event-stream"), std::string::npos);
  other->read("\r\n\r\n");
  server->publish(entries(2), 1);
  for (const Socket* listener : {one.get(), other.get()}) {
    const std::string text = listener->read("\n\n", 2);
    EXPECT_NE(text.find("event: link_down\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\"node\":\"oslo\""), std::string::npos) << text;
  }
}

TEST_F(ApiServer, WhoComesBackGetsWhatItMissed) {
  start();
  std::string id;
  {
    const auto one = connect_unix();
    one->write(get("/v1/events", ""));
    one->read("\r\n\r\n");
    server->publish(entries(1), 1);
    const std::string text = one->read("\n\n");
    id = text.substr(4, text.find('\n') - 4);
  }
  server->publish(entries(3, "missed"), 1);
  const auto again = connect_unix();
  again->write(get("/v1/events", "Last-Event-ID: " + id + "\r\n"));
  const std::string text = again->read("missed", 3);
  EXPECT_EQ(text.find("it happened"), std::string::npos);
  EXPECT_NE(text.find("id: " + std::to_string(std::stoull(id) + 3)), std::string::npos) << id << text;
}

TEST_F(ApiServer, AListenerThatDoesNotReadIsCut) {
  settings.unread_bytes = 10'000;
  start();
  const auto lazy = connect_unix();
  lazy->write(get("/v1/events", ""));
  lazy->read("\r\n\r\n");
  for (int i = 0; i < 200 && server->counters().cut == 0; ++i) {
    server->publish(entries(20, std::string(1000, 'x')), 1);
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(server->counters().cut, 1U);
}

TEST_F(ApiServer, ListenersAreBounded) {
  settings.streams = 1;
  start();
  const auto one = connect_unix();
  one->write(get("/v1/events", ""));
  one->read("\r\n\r\n");
  EXPECT_TRUE(ask(get("/v1/events")).starts_with("HTTP/1.1 503"));
}

TEST_F(ApiServer, EndsWhileClientsAreInTheMidstOfEverything) {
  start();
  const auto idle = connect_unix();
  const auto half = connect_unix();
  half->write("PUT /v1/transports/a HTTP/1.1\r\nContent-Le");
  const auto listener = connect_unix();
  listener->write(get("/v1/events", ""));
  listener->read("\r\n\r\n");
  stop();
  EXPECT_EQ(idle->read(), "");
}

TEST(Token, IsTheOnlyLineOfAFileOfItsOwner) {
  const std::string path = testing::TempDir() + "causeway-token-" + std::to_string(getpid());
  std::ofstream(path) << "0123456789abcdef0123456789abcdef\n";
  chmod(path.c_str(), 0644);
  EXPECT_TRUE(std::holds_alternative<config::KeyError>(read_token(path)));
  chmod(path.c_str(), 0600);
  const auto read = read_token(path);
  ASSERT_TRUE(std::holds_alternative<Token>(read));
  EXPECT_TRUE(std::get<Token>(read).admits("Bearer 0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(std::get<Token>(read).admits("Bearer 0123456789abcdef0123456789abcdeF"));
  EXPECT_FALSE(std::get<Token>(read).admits(""));
  std::ofstream(path) << "short\n";
  EXPECT_TRUE(std::holds_alternative<config::KeyError>(read_token(path)));
  std::filesystem::remove(path);
  EXPECT_TRUE(std::holds_alternative<config::KeyError>(read_token(path)));
}

}  // namespace
}  // namespace causeway::control::api::test
