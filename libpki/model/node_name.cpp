// SPDX-License-Identifier: Apache-2.0
#include <pki/config.hpp>

#include "base/words.hpp"

namespace pki::inline PKI_ABI {

std::string to_node_name(std::string_view host_name) { return base::lower_case(host_name); }

}  // namespace pki::inline PKI_ABI
