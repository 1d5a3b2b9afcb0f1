// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include <cstdint>

#include <boost/config.hpp>
// Boost exports the symbols of its exceptions and error categories: a plugin with the static library exports nothing.
#undef BOOST_SYMBOL_VISIBLE
#define BOOST_SYMBOL_VISIBLE
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace pki::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t most_header = 32 * 1024;
constexpr std::string_view end_of_chunks = "0\r\n\r\n";

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

}  // namespace

struct ResponseReader::State {
  http::response_parser<http::string_body> parser;
  std::string waiting;  ///< octets that the parser has not taken yet
  std::string problem;
};

SecretString to_octets(const HttpRequest& request, const std::string& host) {
  SecretString octets;
  const auto line = [&](std::string_view name, std::string_view value) {
    octets.append(name).append(": ").append(value).append("\r\n");
  };
  octets.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  line("Host", host);
  for (const auto& [name, value] : request.headers)
    line(name, value);
  if (!request.body.empty()) line("Content-Length", std::to_string(request.body.size()));
  line("Connection", "close");
  return octets.append("\r\n").append(request.body);
}

ResponseReader::ResponseReader(std::size_t most_body) : state_(std::make_unique<State>()) {
  state_->parser.header_limit(most_header);
  state_->parser.body_limit(most_body);
}
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;
ResponseReader::~ResponseReader() = default;

bool ResponseReader::put(std::string_view octets) {
  auto& [parser, waiting, problem] = *state_;
  waiting.append(octets);
  while (!waiting.empty() && !parser.is_done()) {
    // With less than the end of a body in chunks an assertion of Boost 1.74 would end the process.
    if (parser.is_header_done() && parser.chunked() && waiting.size() < end_of_chunks.size()) break;
    // Where it goes on to the body at once, Boost 1.74 loses the error of a Content-Length above the limit.
    parser.eager(parser.is_header_done());
    boost::beast::error_code error;
    const auto taken = parser.put(boost::asio::buffer(waiting), error);
    waiting.erase(0, taken);
    if (error == http::error::need_more) break;
    if (error) {
      problem = "not a response of HTTP: " + error.message();
      return true;
    }
    if (taken == 0) break;
  }
  return parser.is_done();
}

bool ResponseReader::finish() {
  auto& [parser, waiting, problem] = *state_;
  if (parser.is_done()) return true;
  boost::beast::error_code error;
  if (parser.got_some()) parser.put_eof(error);
  if (!error && parser.is_done()) return true;
  problem = parser.is_header_done() ? "the response is truncated" : "the connection was closed before a response";
  return false;
}

const std::string& ResponseReader::problem() const noexcept { return state_->problem; }

HttpResponse ResponseReader::take() {
  auto& message = state_->parser.get();
  return {static_cast<int>(message.result_int()), text(message[http::field::retry_after]),
          text(message[http::field::location]), text(message[http::field::content_encoding]),
          std::move(message.body())};
}

}  // namespace pki::net
