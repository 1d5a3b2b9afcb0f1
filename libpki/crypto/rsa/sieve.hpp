#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <pki/secret.hpp>

namespace pki::crypto {

/// Survivors are positions on a line, in wiped memory: they say much about the number that the line begins with.
using Survivors = std::vector<std::uint16_t, WipingAllocator<std::uint16_t>>;

/// line_size is how many candidates lie on a line.
inline constexpr unsigned line_size = 4096;

/// sieve gives the positions i < line_size, in order, where start + i·2^shift has no odd prime factor below 2^18
/// (2^20 for starts of more than 1024 bits, whose tests cost so much more). `start` is an odd number as 64-bit words,
/// lowest first; 0 < shift < 64·start.size(). Time and memory accesses depend on the start, as they do in OpenSSL's
/// trial division: who shares the cache of the core while a key is made can learn small residues of numbers that
/// were mostly thrown away.
[[nodiscard]] Survivors sieve(std::span<const std::uint64_t> start, unsigned shift);

}  // namespace pki::crypto
