#include "tools/sim/core_mind.h"

#include <memory>

#include "control/core/core.h"

namespace causeway::sim {
namespace {

using control::Core;
using control::CoreSettings;
using control::TrackKey;

class CoreMind final : public Mind {
 public:
  CoreMind(const CoreSettings& settings, TimeUs now_us, Effects& effects)
      : core_(settings, now_us, effects) {}

  void on_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us, TimeUs now_us,
                Effects& effects) override {
    core_.on_frame(from, frame, arrived_us, now_us, effects);
  }
  void on_media(const TrackKey& track, NodeId from, const Label& label, TimeUs arrived_us, TimeUs now_us,
                Effects& effects) override {
    core_.on_media(track, from, label, arrived_us, now_us, effects);
  }
  void set_load(unsigned percent) override { core_.set_load(percent); }
  void on_local_media(TimeUs arrived_us) override { core_.on_local_media(arrived_us); }
  void on_overflow(TimeUs now_us, Effects& effects) override { core_.on_overflow(now_us, effects); }
  void forget_directory(TimeUs now_us, Effects& effects) override { core_.forget_directory(now_us, effects); }
  void on_watermark(control::Stamp on_disk, TimeUs now_us, Effects& effects) override {
    core_.on_watermark(on_disk, now_us, effects);
  }
  void on_token(control::TokenAnswer answer, TimeUs now_us, Effects& effects) override {
    core_.on_token(answer, now_us, effects);
  }
  void on_common_mode(bool others_islanded, TimeUs now_us, Effects& effects) override {
    core_.on_common_mode(others_islanded, now_us, effects);
  }
  void publish(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    core_.publish(track, now_us, effects);
  }
  void unpublish(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    core_.unpublish(track, now_us, effects);
  }
  void want(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    core_.want(track, now_us, effects);
  }
  void unwant(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    core_.unwant(track, now_us, effects);
  }
  void tick(TimeUs now_us, Effects& effects) override { core_.tick(now_us, effects); }
  TimeUs next_due_us() const override { return core_.next_due_us(); }
  RelayView relay(const TrackKey& track) const override { return core_.relay(track); }
  bool is_claimed(const TrackKey& track) const override { return core_.is_claimed(track); }
  control::DrainState drain() const override { return core_.drain(); }
  control::NodeSet convicted() const override { return core_.convicted(); }

 private:
  Core core_;
};

}  // namespace

MindFactory core_minds() {
  return [](const CoreSettings& settings, TimeUs now_us, Effects& effects) -> std::unique_ptr<Mind> {
    return std::make_unique<CoreMind>(settings, now_us, effects);
  };
}

}  // namespace causeway::sim
