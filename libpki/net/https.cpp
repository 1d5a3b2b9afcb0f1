// SPDX-License-Identifier: Apache-2.0
#include "net/https.hpp"

#include <array>
#include <utility>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/digest.hpp"
#include "net/tls.hpp"

namespace pki::net {

namespace {

constexpr const char* set_up = "set up a connection";
constexpr const char* use_certificate = "use a certificate for a connection";
constexpr const char* use_key = "use the key of the client's certificate";

/// What a connection may receive: a body, the header, and TLS around it, however small its records are.
constexpr std::size_t most_octets = 4 * most_body;

void require(bool done, const char* action) {
  if (!done) fail_to(action);
}

Handle<BIO> reading(std::string_view octets) {
  return own(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())), set_up);
}

Handle<X509> certificate_of(const std::string& pem) {
  const auto input = reading(pem);
  return own(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr), use_certificate);
}

// OpenSSL would ask at the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return -1; }

void offer(SSL_CTX* context, const HttpsServer& server) {
  if (server.certificate.empty()) return;
  const auto own_certificate = certificate_of(server.certificate.front());
  require(SSL_CTX_use_certificate(context, own_certificate.get()) == 1, use_certificate);
  for (std::size_t i = 1; i < server.certificate.size(); ++i)
    require(SSL_CTX_add1_chain_cert(context, certificate_of(server.certificate[i]).get()) == 1, use_certificate);
  const auto input = reading(server.key);
  const auto key =
      own(PEM_read_bio_PrivateKey_ex(input.get(), nullptr, no_password, nullptr, base::library_context(), nullptr),
          use_key);
  require(SSL_CTX_use_PrivateKey(context, key.get()) == 1, use_key);
}

void trust(SSL_CTX* context, const HttpsServer& server, std::chrono::sys_seconds now) {
  auto* store = SSL_CTX_get_cert_store(context);
  for (const auto& pem : server.trusted)
    require(X509_STORE_add_cert(store, certificate_of(pem).get()) == 1, use_certificate);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  auto* rules = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, now.time_since_epoch().count());
  // As for Go, any trusted certificate is an anchor, and names are compared as a whole.
  require(X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST) == 1, set_up);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool address = base::parse_ip(server.name).has_value();
  require((address ? X509_VERIFY_PARAM_set1_ip_asc(rules, server.name.c_str())
                   : X509_VERIFY_PARAM_set1_host(rules, server.name.data(), server.name.size())) == 1,
          set_up);
}

Handle<SSL_CTX> context_of(const HttpsServer& server, std::chrono::sys_seconds now) {
  auto context = own(SSL_CTX_new_ex(base::library_context(), nullptr, TLS_client_method()), set_up);
  require(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1, set_up);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  require(SSL_CTX_set_alpn_protos(context.get(), protocols.data(), protocols.size()) == 0, set_up);  // 0 is success
  trust(context.get(), server, now);
  offer(context.get(), server);
  return context;
}

constexpr int no_alert = -1;

// Keeps the alert with which the server ends the connection, and no warning.
void keep_alert(const SSL* ssl, int where, int alert) {
  const bool ends = (alert >> 8) == SSL3_AL_FATAL || (alert & 0xff) == SSL_AD_CLOSE_NOTIFY;
  if (where == SSL_CB_READ_ALERT && ends) *static_cast<int*>(SSL_get_app_data(ssl)) = alert;
}

int alert_of(const SSL* ssl) { return *static_cast<const int*>(SSL_get_app_data(ssl)) & 0xff; }

bool has_alert(const SSL* ssl) { return *static_cast<const int*>(SSL_get_app_data(ssl)) != no_alert; }

// Without it an attacker may have cut what was sent.
bool is_closed(const SSL* ssl) { return has_alert(ssl) && alert_of(ssl) == SSL_AD_CLOSE_NOTIFY; }

Exchanged failed(Failure failure, std::string problem) { return {failure, std::move(problem), {}}; }

Exchanged failed_handshake(SSL* ssl, const HttpsServer& server, Outcome outcome) {
  if (outcome.of_connection) return failed(Failure::interrupted, std::move(outcome.problem));
  if (has_alert(ssl)) return failed(Failure::refused, "the server ends the connection: " + last_reason());
  const auto verdict = SSL_get_verify_result(ssl);
  if (verdict == X509_V_OK) return failed(Failure::untrusted, std::move(outcome.problem));
  std::string reason = X509_verify_cert_error_string(verdict);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
    reason += ", expected " + server.name;
  return failed(Failure::untrusted, "the certificate of the server is refused: " + reason);
}

Exchanged response_of(ResponseReader& reader) {
  if (!reader.problem().empty()) return failed(Failure::nonsense, reader.problem());
  return {Failure::none, {}, reader.take()};
}

// Returns what the server sends next; with a problem nothing came.
std::string read_some(SSL* ssl, Transport& transport, std::string& problem) {
  std::array<char, 16384> octets;
  while (problem.empty()) {
    std::size_t size = 0;
    if (SSL_read_ex(ssl, octets.data(), octets.size(), &size) == 1) return {octets.data(), size};
    // The handshake has emptied OpenSSL's error queue, which the state is made of.
    const int state = SSL_get_error(ssl, 0);
    const auto reason = last_reason();
    problem = transport.flush();  // of a handshake message after the handshake
    if (!problem.empty()) break;
    problem = state == SSL_ERROR_WANT_READ ? transport.fill() : reason;
  }
  return {};
}

Exchanged receive_response(SSL* ssl, Transport& transport) {
  ResponseReader reader(most_body);
  std::string problem;
  while (true) {
    const auto octets = read_some(ssl, transport, problem);
    if (problem.empty()) {
      if (reader.put(octets)) return response_of(reader);
      continue;
    }
    if (!has_alert(ssl)) return failed(Failure::interrupted, std::move(problem));
    if (!is_closed(ssl)) return failed(Failure::refused, "the server ends the connection: " + problem);
    return reader.finish() ? response_of(reader) : failed(Failure::interrupted, reader.problem());
  }
}

Exchanged exchange_over(base::Fd socket, const HttpsServer& server, const HttpRequest& request, SSL_CTX* context,
                        const Limit& limit) {
  const auto ssl = own(SSL_new(context), set_up);
  int alert = no_alert;
  SSL_set_app_data(ssl.get(), &alert);
  SSL_set_info_callback(ssl.get(), keep_alert);
  // RFC 6066 3: an address is no server name.
  if (!base::parse_ip(server.name)) SSL_set_tlsext_host_name(ssl.get(), server.name.c_str());
  Transport transport(ssl.get(), std::move(socket), limit, most_octets);
  auto outcome = complete_handshake(ssl.get(), transport);
  if (!outcome.problem.empty()) return failed_handshake(ssl.get(), server, std::move(outcome));
  const auto octets = to_octets(request, base::join_host_port(server.host, server.port));
  std::size_t written = 0;
  require(SSL_write_ex(ssl.get(), octets.data(), octets.size(), &written) == 1, "send a request");
  auto problem = transport.flush();
  // A server that refuses the client may have closed the connection, and says why in an alert.
  auto result = receive_response(ssl.get(), transport);
  if (result.failure == Failure::interrupted && !problem.empty()) result.problem = std::move(problem);
  return result;
}

}  // namespace

Exchanged exchange(const HttpsServer& server, const HttpRequest& request, std::chrono::sys_seconds now,
                   const Limit& limit) {
  const QuietErrors quiet;
  const auto context = context_of(server, now);
  auto connection = connect_to(server.host, server.port, limit);
  if (!connection.socket) return failed(Failure::unreachable, std::move(connection.problem));
  return exchange_over(std::move(connection.socket), server, request, context.get(), limit);
}

}  // namespace pki::net
