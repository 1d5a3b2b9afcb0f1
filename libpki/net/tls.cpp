// SPDX-License-Identifier: Apache-2.0
#include "net/tls.hpp"

#include <array>
#include <new>
#include <system_error>

#include <pki/error.hpp>

namespace pki::net {

std::string last_reason() {
  const auto code = ERR_peek_last_error();
  if (code == 0) return "OpenSSL reports no reason";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  if (const char* text = ERR_reason_error_string(code)) return text;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

void fail_to(const char* action) {
  throw Error(Errc::crypto, {}, std::string("cannot ") + action + ": " + last_reason());
}

Transport::Transport(SSL* ssl, base::Fd socket, Limit limit, std::size_t most)
    : incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())),
      socket_(std::move(socket)),
      limit_(std::move(limit)),
      most_(most) {
  if (incoming_ == nullptr || outgoing_ == nullptr) {
    BIO_free(incoming_);
    BIO_free(outgoing_);
    throw std::bad_alloc();
  }
  SSL_set_bio(ssl, incoming_, outgoing_);  // takes ownership
}

std::string Transport::flush() {
  char* octets = nullptr;
  const auto size = BIO_get_mem_data(outgoing_, &octets);
  auto problem = send(socket_, {octets, size > 0 ? static_cast<std::size_t>(size) : 0}, limit_);
  (void)BIO_reset(outgoing_);
  return problem;
}

std::string Transport::fill() {
  std::string problem;
  const auto octets = receive(socket_, limit_, problem);
  received_ += octets.size();
  if (received_ > most_) return "the server sends without end";
  if (!octets.empty() && BIO_write(incoming_, octets.data(), static_cast<int>(octets.size())) <= 0)
    throw std::bad_alloc();
  return problem;
}

Outcome complete_handshake(SSL* ssl, Transport& transport) {
  while (true) {
    const int result = SSL_connect(ssl);
    const int state = SSL_get_error(ssl, result);
    const auto reason = last_reason();
    auto problem = transport.flush();
    if (result == 1 || !problem.empty()) return {std::move(problem), true};
    if (state != SSL_ERROR_WANT_READ) return {"no TLS handshake: " + reason};
    problem = transport.fill();
    if (!problem.empty()) return {"no TLS handshake: " + problem, true};
  }
}

}  // namespace pki::net
