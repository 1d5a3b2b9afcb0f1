// SPDX-License-Identifier: Apache-2.0
#include <pki/version.hpp>

namespace pki::inline PKI_ABI {

std::string_view version() noexcept { return PKI_VERSION_TEXT; }

}  // namespace pki::inline PKI_ABI
