// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <pki/cluster_api.hpp>

#include "net/https.hpp"

namespace pki::verbs {

/// ApiCaller calls one API server until ApiOptions::timeout.
class ApiCaller {
 public:
  ApiCaller(const ApiCredentials& credentials, const ApiOptions& options);

  /// Attempt is the result of one call.
  struct Attempt {
    std::optional<net::HttpResponse> response{};  ///< empty: it is worth while to ask again
    std::string problem{};                        ///< why there is none
    Rule rule{Rule::api};                         ///< of the problem
    /// How long to wait before the next one: as the server says, otherwise more with each attempt.
    std::chrono::milliseconds pause{};
    bool sent{false};  ///< the server may have carried it out
  };

  /// Calls once. `target` is a path below the server's own. Throws Error(api) where asking again is of no use: the
  /// server is another one, or answers nonsense.
  [[nodiscard]] Attempt attempt(const std::string& method, const std::string& target, const std::string& body = {});

  /// Calls until the server answers anything but "busy". A server that cannot be reached at all is asked once. Throws
  /// Error(api).
  [[nodiscard]] net::HttpResponse call(const std::string& method, const std::string& target,
                                       const std::string& body = {});

  /// Waits; returns false when the time is over before, after a shorter wait. Throws Error(cancelled).
  [[nodiscard]] bool sleep(std::chrono::milliseconds pause) const;

  /// Returns the time since the first call.
  [[nodiscard]] std::chrono::milliseconds elapsed() const;

  /// Throws Error(api) for a response that is an error, in the words of the server.
  [[noreturn]] void refuse(const net::HttpResponse& response) const;
  /// Throws Error(api) with the server as its subject.
  [[noreturn]] void fail(Rule rule, const std::string& message, const Remedy& remedy = {}) const;

  /// Returns the server as errors name it, "https://HOST:PORT".
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }

 private:
  [[nodiscard]] Attempt judge(net::Exchanged exchanged);
  [[nodiscard]] std::chrono::milliseconds next_pause();

  net::HttpsServer server_;
  SecretString authorization_;
  std::string path_;
  std::string subject_;
  const ApiOptions& options_;
  net::Clock::time_point begin_{net::Clock::now()};
  net::Clock::time_point end_;
  int failures_{0};
};

}  // namespace pki::verbs
