// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// wipe overwrites `size` bytes at `data` with zeros in a way that no optimiser removes.
PKI_EXPORT void wipe(void* data, std::size_t size) noexcept;

/// WipingAllocator clears every block before it is freed, so that a container never leaves a copy of
/// its content in freed memory, also not when it grows.
template <class T>
struct WipingAllocator {
  using value_type = T;  ///< required of an allocator

  WipingAllocator() = default;
  /// Converts from the allocator of another type, as containers require.
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}

  /// Returns uninitialised memory for `count` values. Throws std::bad_alloc.
  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  /// Wipes the memory and frees it.
  void deallocate(T* block, std::size_t count) noexcept {
    wipe(block, count * sizeof(T));
    std::allocator<T>().deallocate(block, count);
  }
  /// Returns true: each one frees the memory of any other.
  template <class U>
  friend bool operator==(const WipingAllocator&, const WipingAllocator<U>&) noexcept {
    return true;
  }
};

/// SecretString is a std::string for key material: same interface, wiped on every release of memory.
/// Content of 15 bytes or less may live inside the object and is not wiped; keys are never that short.
using SecretString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace pki::inline PKI_ABI
