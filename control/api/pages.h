// What the node tells of itself and the fleet, and the operator's switch.
#pragma once

#include "control/api/call.h"

namespace causeway::control::api::pages {

Response status(const Call& call, Service& service);
Response peers(const Call& call, Service& service);
Response verdicts(const Call& call, Service& service);
Response relays(const Call& call, Service& service);
Response relay(const Call& call, Service& service);
Response drain(const Call& call, Service& service);
Response undrain(const Call& call, Service& service);
Response events(const Call& call, Service& service);
Response journal(const Call& call, Service& service);
Response metrics(const Call& call, Service& service);
Response healthz(const Call& call, Service& service);
Response readyz(const Call& call, Service& service);

}  // namespace causeway::control::api::pages
