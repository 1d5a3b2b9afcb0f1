// SPDX-License-Identifier: Apache-2.0
#include "net/connection.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "base/address.hpp"
#include "base/words.hpp"

namespace pki::net {

namespace {

/// Short enough for std::string to hold it without memory.
constexpr const char* no_memory = "out of memory";

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

/// Resolution is the result of resolving a name.
struct Resolution {
  std::unique_ptr<addrinfo, FreeAddresses> addresses;
  std::string problem;
};

std::string reason_of_resolver(int error) {
  if (error == EAI_SYSTEM) return base::reason(errno);
  return base::lower_first(::gai_strerror(error));
}

Resolution resolve(const std::string& host, int port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | (base::parse_ip(host) ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (error != 0) return {nullptr, reason_of_resolver(error)};
  return {std::unique_ptr<addrinfo, FreeAddresses>(found), {}};
}

/// Answer is what a resolving thread and its caller share. The caller may be gone when the thread ends.
struct Answer {
  std::mutex mutex;
  std::condition_variable_any arrived;
  bool is_there{false};
  Resolution resolution;
};

// The system's resolver has no time limit of its own that could be set, and cannot be interrupted.
Resolution resolve_until(const std::string& host, int port, const Limit& limit) {
  if (base::parse_ip(host)) return resolve(host, port);
  const auto answer = std::make_shared<Answer>();
  try {
    std::thread([answer, host, port]() noexcept {
      Resolution resolution;
      try {
        resolution = resolve(host, port);
      } catch (const std::bad_alloc&) {  // nobody catches it here; without an address the caller reports the problem
        resolution.problem = no_memory;
      }
      const std::lock_guard guard(answer->mutex);
      answer->resolution = std::move(resolution);
      answer->is_there = true;
      answer->arrived.notify_one();
    }).detach();
  } catch (const std::system_error&) {  // no thread can be had
    return resolve(host, port);
  }
  std::unique_lock guard(answer->mutex);
  if (!answer->arrived.wait_until(guard, limit.stop, limit.end, [&] { return answer->is_there; }))
    return {nullptr, std::string(limit.stop.stop_requested() ? stopped : "no answer from the name server in time")};
  return std::move(answer->resolution);
}

/// Returns false when the limit has come.
bool wait_for(const base::Fd& socket, short events, const Limit& limit) {
  // A stop does not wake poll(2).
  const std::int64_t longest = limit.stop.stop_possible() ? 50 : 60'000;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit.end - Clock::now());
    if (left.count() <= 0 || limit.stop.stop_requested()) return false;
    pollfd waiting{socket.value(), events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), longest)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

std::string why_ended(const Limit& limit) { return std::string(limit.stop.stop_requested() ? stopped : too_late); }

Connection failed(int error) { return {{}, base::reason(error), error == ECONNREFUSED}; }

Connection try_address(const addrinfo& address, const Limit& limit) {
  base::Fd socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
  if (!socket) return failed(errno);
  if (::connect(socket.value(), address.ai_addr, address.ai_addrlen) == 0) return {std::move(socket), {}};
  if (errno != EINPROGRESS && errno != EINTR) return failed(errno);
  if (!wait_for(socket, POLLOUT, limit)) return {{}, why_ended(limit)};
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.value(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return failed(error);
  return {std::move(socket), {}};
}

int count_of(const addrinfo* address) {
  int count = 0;
  for (; address != nullptr; address = address->ai_next)
    ++count;
  return count;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Connection connect_to(const std::string& host, int port, const Limit& limit) {
  const auto [addresses, problem] = resolve_until(host, port, limit);
  if (addresses == nullptr) return {{}, problem};
  Connection result;
  bool refused = true;
  for (const auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    const auto now = Clock::now();
    result = try_address(*address, {now + (limit.end - now) / count_of(address), limit.stop});
    if (result.socket) return result;
    refused = refused && result.refused;
  }
  result.refused = refused;
  return result;
}

std::string receive(const base::Fd& socket, const Limit& limit, std::string& problem) {
  std::array<char, 16384> octets;
  while (wait_for(socket, POLLIN, limit)) {
    const auto count = ::recv(socket.value(), octets.data(), octets.size(), 0);
    if (count > 0) return {octets.data(), static_cast<std::size_t>(count)};
    if (count < 0 && would_block()) continue;
    problem = count == 0 ? "the connection was closed" : base::reason(errno);
    return {};
  }
  problem = why_ended(limit);
  return {};
}

std::string send(const base::Fd& socket, std::string_view octets, const Limit& limit) {
  while (!octets.empty()) {
    if (!wait_for(socket, POLLOUT, limit)) return why_ended(limit);
    const auto count = ::send(socket.value(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count >= 0)
      octets.remove_prefix(static_cast<std::size_t>(count));
    else if (!would_block())
      return base::reason(errno);
  }
  return {};
}

}  // namespace pki::net
