#include <pki/version.hpp>

namespace pki {

std::string_view version() noexcept { return PKI_VERSION; }

}  // namespace pki
