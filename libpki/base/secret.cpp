// SPDX-License-Identifier: Apache-2.0
#include <pki/secret.hpp>

#include <cstring>

namespace pki::inline PKI_ABI {

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(data, size);
}

}  // namespace pki::inline PKI_ABI
