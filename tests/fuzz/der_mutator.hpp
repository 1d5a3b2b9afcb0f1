// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace fuzz {

using ByteMutator = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// mutate_der changes one value somewhere inside nested DER values and mends the lengths of all that are around it, so
/// that the change gets past the outermost reader: the content of a value (by `bytes`), its tag, or the value as a
/// whole, which is deleted, doubled, or replaced by another one. One time in four, and for what is not DER, it is
/// `bytes` that changes the input as a whole.
std::size_t mutate_der(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, ByteMutator bytes);

}  // namespace fuzz
