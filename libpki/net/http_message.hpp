// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/secret.hpp>

namespace pki::net {

/// HttpRequest is one request of HTTP/1.1 (RFC 9112). The caller has checked that no text has a line break.
struct HttpRequest {
  std::string method;  ///< "GET"
  std::string target;  ///< path and query
  std::vector<std::pair<std::string, SecretString>> headers{};
  std::string body{};
};

/// Returns the octets of a request, with Host, Content-Length, and the wish to close the connection after it.
[[nodiscard]] SecretString to_octets(const HttpRequest& request, const std::string& host);

/// HttpResponse is one response. Missing headers are empty.
struct HttpResponse {
  int status{0};
  std::string retry_after;
  std::string location;
  std::string content_encoding;
  std::string body;
};

/// ResponseReader reads a response from octets as they come, with Boost.Beast's parser. The header may have 32 KiB.
class ResponseReader {
 public:
  explicit ResponseReader(std::size_t most_body);
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;
  ~ResponseReader();

  /// Takes what has come. Returns whether the response is complete, or has a problem.
  [[nodiscard]] bool put(std::string_view octets);
  /// Takes the end of the connection. Returns whether the response is complete.
  [[nodiscard]] bool finish();
  /// Returns what is wrong with the response; empty: nothing so far.
  [[nodiscard]] const std::string& problem() const noexcept;
  /// Returns the response; it must be complete.
  [[nodiscard]] HttpResponse take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pki::net
