// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <pki/secret.hpp>
#include <pki/signer.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// ProviderContext is an OpenSSL context with one more provider than the library's. Its algorithms serve the keys of
/// the provider alone, so that nothing else can be done by a token by chance.
struct ProviderContext {
  Handle<OSSL_LIB_CTX> context;
  Handle<OSSL_PROVIDER> provider{};  ///< null where openssl.cnf loads it; freeing the context does not unload it
  std::string properties;            ///< a property query that prefers the provider
  /// The keys of a provider share one connection, which most providers cannot use from two threads.
  std::mutex mutex{};
};

/// StoredKey is a private key that a store of OpenSSL returned.
struct StoredKey {
  std::string uri;                           ///< for messages, without secrets
  std::shared_ptr<ProviderContext> context;  ///< null: the library's; freed after the handle
  Handle<EVP_PKEY> handle;
};

/// Returns the key that a URI names, which check_key_uri accepts. `content` is that of the file of a `file:` URI, and
/// not used for others. Throws as open_signer does. No signature is made.
[[nodiscard]] StoredKey open_stored_key(const std::string& uri, const SecretString& content,
                                        const Passphrase& passphrase);

}  // namespace pki::crypto
