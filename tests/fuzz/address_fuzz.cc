// What parses is printed, and what is printed parses to the same value.
#include <cstdlib>

#include "dataplane/net/address.h"

namespace {

template <class T>
void round_trip(std::string_view text) {
  const auto value = T::parse(text);
  if (value && T::parse(value->to_string()) != value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::net;
  const std::string text(data, data + size);
  round_trip<IpAddress>(text);
  round_trip<InterfaceAddress>(text);
  round_trip<Endpoint>(text);
  round_trip<MacAddress>(text);
  const auto interface = InterfaceAddress::parse(text);
  if (interface && !interface->on_link(interface->address)) std::abort();
  return 0;
}
