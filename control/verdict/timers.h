// The times that verdicts go by, from the configuration.
#pragma once

#include <algorithm>

#include "config/timers.h"
#include "control/wire/ids.h"

namespace causeway::control::verdict {

struct Timers {
  explicit Timers(const config::Heartbeat& heartbeat)
      : interval_us(from_ms(heartbeat.interval_ms)),
        suspect_us(from_ms(heartbeat.suspect_ms)),
        down_us(from_ms(std::max(heartbeat.down_ms, heartbeat.suspect_ms))),
        row_way_us(2 * interval_us + from_ms(200)),
        settle_us(suspect_us + row_way_us) {}

  TimeUs interval_us;
  TimeUs suspect_us;
  TimeUs down_us;  // also: as long a row counts
  // From a change at a node until everybody has its row: a beat, another one if that is lost, and 200 ms for
  // the way.
  TimeUs row_way_us;
  // Of silence. What others say of the silent peer means something only now: their rows, too, go on for
  // suspect_ms after it fell silent, and then have to arrive.
  TimeUs settle_us;
};

}  // namespace causeway::control::verdict
