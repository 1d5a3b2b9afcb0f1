// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/system.hpp"

namespace pki::net {

using Clock = std::chrono::steady_clock;

/// The problem of a wait that came to its end.
inline constexpr std::string_view too_late = "no answer in time";

/// Connection is the result of `connect_to`: an open socket, or the reason why there is none.
struct Connection {
  base::Fd socket;      ///< not blocking, closed in programs that are executed
  std::string problem;  ///< "connection refused"
  bool refused{false};  ///< nobody listens at any address
};

/// Connects to the first address of `host` that accepts. Name resolution and every attempt end at `end`; several
/// addresses share the time. A refused connection is not tried again.
[[nodiscard]] Connection connect_to(const std::string& host, int port, Clock::time_point end);

/// Receives what has come, at least one octet. Returns an empty text after `end`, on a failure and when the peer has
/// closed the connection; `problem` then says which.
[[nodiscard]] std::string receive(const base::Fd& socket, Clock::time_point end, std::string& problem);

/// Sends all `octets`, without SIGPIPE where the peer has closed the connection. Returns the problem; empty: none.
[[nodiscard]] std::string send(const base::Fd& socket, std::string_view octets, Clock::time_point end);

}  // namespace pki::net
