// What thinks in a simulated node: the product's control core, or the old design that had the outage.
#pragma once

#include <memory>

#include "control/core/core.h"

namespace causeway::sim {

class Mind {
 public:
  virtual ~Mind() = default;
  virtual void on_frame(control::NodeId from, std::span<const std::uint8_t> frame, control::TimeUs arrived_us,
                        control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void on_media(const control::TrackKey& track, control::NodeId from, const control::Label& label,
                        control::TimeUs arrived_us, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void on_watermark(control::Stamp on_disk, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void on_token(control::TokenAnswer answer, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void on_common_mode(bool others_islanded, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void publish(const control::TrackKey& track, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void unpublish(const control::TrackKey& track, control::TimeUs now_us,
                         control::Effects& effects) = 0;
  virtual void want(const control::TrackKey& track, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void unwant(const control::TrackKey& track, control::TimeUs now_us, control::Effects& effects) = 0;
  virtual void set_load(unsigned /*percent*/) {}
  virtual void on_local_media(control::TimeUs /*arrived_us*/) {}
  virtual void on_overflow(control::TimeUs /*now_us*/, control::Effects& /*effects*/) {}
  // The disaster that the simulator makes: what others announced is forgotten.
  virtual void forget_directory(control::TimeUs /*now_us*/, control::Effects& /*effects*/) {}
  virtual void tick(control::TimeUs now_us, control::Effects& effects) = 0;
  virtual control::TimeUs next_due_us() const = 0;
  virtual control::RelayView relay(const control::TrackKey& track) const = 0;
  virtual bool is_claimed(const control::TrackKey& /*track*/) const { return true; }
  virtual control::DrainState drain() const = 0;
  virtual control::NodeSet convicted() const = 0;
};

}  // namespace causeway::sim
