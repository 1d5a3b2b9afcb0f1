// SPDX-License-Identifier: Apache-2.0
#include "base/system.hpp"

#include <unistd.h>

#include <system_error>

#include "base/words.hpp"

namespace pki::base {

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

std::string reason(int error) { return lower_first(std::generic_category().message(error)); }

}  // namespace pki::base
