// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <string>
#include <utility>

#include <pki/error.hpp>
#include <pki/signer.hpp>

#include "base/key_uri.hpp"
#include "base/not_readable.hpp"
#include "crypto/signer.hpp"
#include "disk/permissions.hpp"
#include "verbs/load.hpp"

namespace pki::inline PKI_ABI {

namespace {

Errc code_of(int error) { return error == ENOENT || error == ENOTDIR ? Errc::not_found : Errc::io; }

/// Returns the content of the file that a URI names; nothing where it names none.
SecretString content_of(const std::string& uri) {
  const auto path = base::file_of_uri(uri);
  if (path.empty()) return {};
  auto file = verbs::read_outside(path);
  if (file.problem.empty()) return std::move(file.content);
  throw Error(code_of(file.error), shown_key_uri(uri), file.problem,
              disk::is_denied(file.error) ? Remedy(base::as_root) : Remedy());
}

}  // namespace

Signer open_signer(const std::string& uri, const Passphrase& passphrase) {
  if (const auto fault = check_key_uri(uri); !fault.empty())
    throw Error(Errc::invalid_config, shown_key_uri(uri), "is not the URI of a key: " + fault);
  return crypto::open_key(uri, content_of(uri), passphrase);
}

}  // namespace pki::inline PKI_ABI
