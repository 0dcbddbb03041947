// Writes metrics in the text format of Prometheus, version 0.0.4.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace causeway::control {

class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a metric; its samples come next. Counters' names end with "_total".
  void counter(std::string_view name, std::string_view help) { begin(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { begin(name, help, "gauge"); }

  template <class Number>
  void sample(Labels labels, Number value) {
    if constexpr (std::is_floating_point_v<Number>) {
      put(labels, in_words(value));
    } else {
      put(labels, std::to_string(value));
    }
  }
  // A metric of one sample without labels.
  template <class Number>
  void counter(std::string_view name, std::string_view help, Number value) {
    counter(name, help);
    sample({}, value);
  }
  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    gauge(name, help);
    sample({}, value);
  }

  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view name, std::string_view help, std::string_view type);
  void put(Labels labels, std::string_view value);
  static std::string in_words(double value);

  std::string name_;
  std::string text_;
};

}  // namespace causeway::control
