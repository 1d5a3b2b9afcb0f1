// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/system.hpp"

namespace pki::net {

using Clock = std::chrono::steady_clock;

/// Limit ends a wait: at an instant, or as soon as the caller requests a stop.
struct Limit {
  Clock::time_point end;
  std::stop_token stop{};
};

/// The problem of a wait that came to its end.
inline constexpr std::string_view too_late = "no answer in time";
/// The problem of a wait that the caller stopped.
inline constexpr std::string_view stopped = "the caller requested a stop";

/// Connection is the result of `connect_to`: an open socket, or the reason why there is none.
struct Connection {
  base::Fd socket;      ///< not blocking, closed in programs that are executed
  std::string problem;  ///< "connection refused"
  bool refused{false};  ///< nobody listens at any address
};

/// Connects to the first address of `host` that accepts. Name resolution and every attempt end at `limit`; several
/// addresses share the time. A refused connection is not tried again.
[[nodiscard]] Connection connect_to(const std::string& host, int port, const Limit& limit);

/// Receives what has come, at least one octet. Returns an empty text after `limit`, on a failure and when the peer has
/// closed the connection; `problem` then says which.
[[nodiscard]] std::string receive(const base::Fd& socket, const Limit& limit, std::string& problem);

/// Sends all `octets`, without SIGPIPE where the peer has closed the connection. Returns the problem; empty: none.
[[nodiscard]] std::string send(const base::Fd& socket, std::string_view octets, const Limit& limit);

}  // namespace pki::net
