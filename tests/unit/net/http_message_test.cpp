// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "net/http_message.hpp"

using namespace pki::net;
using pki::SecretString;

namespace {

constexpr std::size_t most = 1000;

/// Puts a response in pieces of `size` octets. Returns whether it was complete or refused before its end.
bool put(ResponseReader& reader, const std::string& text, std::size_t size) {
  for (std::size_t begin = 0; begin < text.size(); begin += size)
    if (reader.put(std::string_view(text).substr(begin, size))) return true;
  return false;
}

}  // namespace

TEST_CASE("a response is the same in pieces of any size") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nRetry-After: 7\r\n\r\nhello", "hello"},
      {"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nretry-after: 7\r\n\r\n", ""},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nRetry-After:7\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: "
       "b\r\n\r\n",
       "hello"},
      {"HTTP/1.1 200 OK\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
  };
  for (const auto& [text, body] : table) {
    for (const std::size_t size : {1UL, 2UL, 7UL, text.size()}) {
      CAPTURE(text, size);
      ResponseReader reader(most);
      REQUIRE(put(reader, text, size));
      REQUIRE(reader.problem().empty());
      const auto response = reader.take();
      CHECK(response.status == 200);
      CHECK(response.body == body);
      CHECK(response.retry_after == "7");
    }
  }
}

TEST_CASE("a body without a length ends with the connection") {
  ResponseReader reader(most);
  CHECK_FALSE(reader.put("HTTP/1.0 200 OK\r\n\r\nhel"));
  CHECK_FALSE(reader.put("lo"));
  REQUIRE(reader.finish());
  CHECK(reader.take().body == "hello");
}

TEST_CASE("a response that ends too early is truncated") {
  for (const std::string text :
       {"", "HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r"}) {
    CAPTURE(text);
    ResponseReader reader(most);
    CHECK_FALSE(reader.put(text));
    CHECK_FALSE(reader.finish());
    CHECK_FALSE(reader.problem().empty());
  }
}

TEST_CASE("what is no response, or larger than its limit, is refused") {
  const std::string large(most + 1, 'x');
  for (const std::string& text :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("HTTP/1.1 abc OK\r\n\r\n"), std::string("HTTP/2.0 200 OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + large, "HTTP/1.1 200 OK\r\n\r\n" + large,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + large,
        "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'), std::string(40'000, 'H')}) {
    CAPTURE(text.substr(0, 100));
    ResponseReader reader(most);
    CHECK(put(reader, text, 997));
    CHECK_THAT(reader.problem(), contains("not a response of HTTP"));
  }
}

TEST_CASE("a request has its host, its length and the end of the connection") {
  CHECK(to_octets({"GET", "/a", {{"Authorization", SecretString("Bearer t")}}, {}}, "[::1]:6443") ==
        SecretString("GET /a HTTP/1.1\r\nHost: [::1]:6443\r\nAuthorization: Bearer t\r\nConnection: close\r\n\r\n"));
  CHECK(to_octets({"POST", "/a", {}, "{}"}, "h:1") ==
        SecretString("POST /a HTTP/1.1\r\nHost: h:1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
}
