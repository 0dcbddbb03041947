// What is asked for: transports, tracks, subscriptions, descriptions. Each PUT and DELETE is one operation of
// session::State.
#pragma once

#include "control/api/call.h"

namespace causeway::control::api::wishes {

Response list_transports(const Call& call, Service& service);
Response get_transport(const Call& call, Service& service);
Response put_transport(const Call& call, Service& service);
Response delete_transport(const Call& call, Service& service);
Response list_tracks(const Call& call, Service& service);
Response get_track(const Call& call, Service& service);
Response put_track(const Call& call, Service& service);
Response delete_track(const Call& call, Service& service);
Response list_subscriptions(const Call& call, Service& service);
Response get_subscription(const Call& call, Service& service);
Response put_subscription(const Call& call, Service& service);
Response delete_subscription(const Call& call, Service& service);
Response list_descriptions(const Call& call, Service& service);
Response get_description(const Call& call, Service& service);
Response put_description(const Call& call, Service& service);
Response delete_description(const Call& call, Service& service);
Response snapshot(const Call& call, Service& service);

}  // namespace causeway::control::api::wishes
