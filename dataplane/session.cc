#include "dataplane/session.h"

namespace causeway {

const RtcpSources::Source* RtcpSources::find(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < used_; ++i) {
    if (sources_.at(i).ssrc == ssrc) return &sources_.at(i);
  }
  return nullptr;
}

bool RtcpSources::room_for(std::uint32_t ssrc) const {
  return used_ < kSources || find(ssrc) != nullptr;
}

srtp::ReplayWindow::Verdict RtcpSources::check(std::uint32_t ssrc, std::uint32_t index) const {
  const Source* source = find(ssrc);
  return source == nullptr ? srtp::ReplayWindow::Verdict::fresh : source->window.check(index);
}

srtp::ReplayWindow::Verdict RtcpSources::accept(std::uint32_t ssrc, std::uint32_t index) {
  for (std::size_t i = 0; i < used_; ++i) {
    if (sources_.at(i).ssrc == ssrc) return sources_.at(i).window.accept(index);
  }
  Source& source = sources_.at(used_++);
  source.ssrc = ssrc;
  return source.window.accept(index);
}

}  // namespace causeway
