// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <pki/secret.hpp>

namespace cli {

/// Returns the first line of a file, with a warning where other users may read it. Throws pki::Error(not_found or io)
/// that names the file, and pki::Error(malformed) for an empty line and for one that is too long.
[[nodiscard]] pki::SecretString read_passphrase_file(const std::string& path);

/// Returns the first line of a credential that systemd passed to this service (LoadCredential=, SetCredential=); empty
/// without one of that name. Throws as read_passphrase_file does.
[[nodiscard]] std::optional<pki::SecretString> read_credential(const std::string& name);

/// Asks the user of the terminal, who does not see what is typed; empty where this process has no terminal. Throws
/// pki::Error(cancelled) after an interrupt, which then ends the process as usual.
[[nodiscard]] std::optional<pki::SecretString> ask_at_terminal(const std::string& prompt);

}  // namespace cli
