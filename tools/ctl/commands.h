// What causewayctl does: questions to the API, and their answers on standard output.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tools/ctl/client.h"

namespace causeway::ctl {

// The node said no; the text is why, and what to do.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Commands {
 public:
  using Print = std::function<void(std::string_view)>;
  // is_json: what the API answers, as it is, but for lists: all their pages in one.
  Commands(Client client, bool is_json, Print print);

  // Each throws NotReachable or Refused.
  void status() const;
  void peers() const;
  void verdicts() const;
  void tracks() const;
  void relays() const;
  void where(const std::string& track) const;
  void drain(bool on) const;
  void timeline(const std::string& from, const std::string& to) const;
  void top() const;  // once
  // Until the stream ends, or is_over says so.
  void events(const std::function<bool()>& is_over) const;
  // kind: "transport", "track" or "subscription".
  void get(const std::string& kind, const std::string& name) const;
  void put(const std::string& kind, const std::string& name, const std::string& body) const;
  void remove(const std::string& kind, const std::string& name) const;

 private:
  std::string ask(const std::string& method, const std::string& target, const std::string& body = "") const;
  // All items of a list. target: without after.
  std::string all_pages(const std::string& target) const;
  void show(const std::string& answer, const std::function<std::string(const std::string&)>& text) const;

  const Client client_;
  const bool is_json_;
  const Print print_;
};

}  // namespace causeway::ctl
