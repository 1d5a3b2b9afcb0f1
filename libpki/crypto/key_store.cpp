// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_store.hpp"

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/key_uri.hpp"
#include "crypto/passphrase.hpp"

namespace pki::crypto {

namespace {

constexpr std::string_view tpm_provider = "tpm2";
constexpr std::string_view token_provider = "pkcs11";

/// Returns the provider that has the keys of a scheme; empty for one of openssl.cnf, whose name nobody knows.
std::string_view provider_of(std::string_view scheme) {
  if (scheme == "pkcs11") return token_provider;
  return scheme == "handle" || scheme == "object" ? tpm_provider : std::string_view();
}

std::string_view package_of(std::string_view provider) {
  return provider == tpm_provider ? "tpm2-openssl, and a TPM that this user may use" : "pkcs11-provider";
}

std::shared_ptr<ProviderContext> make_provider_context(const std::string& provider, const std::string& uri) {
  auto made = std::make_shared<ProviderContext>();
  made->context.reset(base::make_context());
  if (provider.empty()) return made;
  // The fallback is the default provider, where openssl.cnf names no other.
  const bool configured = OSSL_PROVIDER_available(made->context.get(), provider.c_str()) == 1;
  if (!configured) made->provider.reset(OSSL_PROVIDER_try_load(made->context.get(), provider.c_str(), 1));
  if (!configured && !made->provider)
    throw Error(Errc::crypto, uri,
                fmt::format("cannot load OpenSSL's provider {}: {}", provider, last_reason_of_provider()),
                fmt::format("its keys need {}", package_of(provider)));
  made->properties = "?provider=" + provider;
  return made;
}

/// Returns the context of a provider, shared by its keys and freed with the last of them.
std::shared_ptr<ProviderContext> provider_context(const std::string& provider, const std::string& uri) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<ProviderContext>> known;
  const std::lock_guard guard(mutex);
  auto& entry = known[provider];
  auto context = entry.lock();
  if (!context) entry = context = make_provider_context(provider, uri);
  return context;
}

PassphrasePrompt::Asker asker_of(std::string_view scheme) {
  if (scheme == "file") return PassphrasePrompt::Asker::decoders;
  return provider_of(scheme) == token_provider ? PassphrasePrompt::Asker::pkcs11 : PassphrasePrompt::Asker::token;
}

void check_size(const SecretString& content, const std::string& uri) {
  constexpr std::size_t limit = 64UL * 1024;
  if (content.empty()) throw Error(Errc::malformed, uri, "is empty, expected a file with a private key");
  if (content.size() > limit)
    throw Error(Errc::malformed, uri, "larger than 64 KiB, expected a file with a private key");
}

bool is_sealed_by_tpm(std::string_view content) {
  return content.find("-----BEGIN TSS2 PRIVATE KEY-----") != std::string_view::npos;
}

/// Opened is a store that was opened, and what it needs as long as it is open.
struct Opened {
  std::shared_ptr<ProviderContext> context;  ///< null: the library's
  Handle<BIO> input;
  Handle<OSSL_STORE_CTX> store;
};

/// Opening is one call of open_stored_key.
class Opening {
 public:
  Opening(const std::string& uri, const SecretString& content, const Passphrase& passphrase)
      : uri_(uri),
        content_(content),
        shown_(shown_key_uri(uri)),
        is_file_(base::scheme_of(uri) == "file"),
        prompt_(passphrase, shown_, asker_of(base::scheme_of(uri))) {}

  StoredKey key() {
    auto opened = is_file_ ? open_file() : open_token();
    prompt_.rethrow();
    if (!opened.store) refuse("cannot be opened");
    OSSL_STORE_expect(opened.store.get(), OSSL_STORE_INFO_PKEY);
    auto handle = first_key(opened.store.get());
    prompt_.rethrow();
    if (!handle) refuse(is_file_ ? "has no private key that OpenSSL can use" : "no such token or key");
    return {shown_, std::move(opened.context), std::move(handle)};
  }

 private:
  Opened open_file() {
    Opened opened;
    check_size(content_, shown_);
    if (is_sealed_by_tpm(content_)) {
      opened.context = provider_context(std::string(tpm_provider), shown_);
      hint_ =
          "it must be the TPM that sealed it; without a resource manager a TPM has room for few such keys at a time";
    }
    opened.input = own(BIO_new_mem_buf(content_.data(), static_cast<int>(content_.size())), "read", shown_);
    opened.store.reset(OSSL_STORE_attach(opened.input.get(), "file", context_of(opened), properties_of(opened),
                                         prompt_.method(), &prompt_, nullptr, nullptr, nullptr));
    return opened;
  }

  Opened open_token() {
    Opened opened;
    const std::string provider(provider_of(base::scheme_of(uri_)));
    opened.context = provider_context(provider, shown_);
    if (provider == token_provider)
      hint_ =
          "the token must be one of the module that pkcs11-module-path in openssl.cnf or PKCS11_PROVIDER_MODULE names";
    opened.store.reset(OSSL_STORE_open_ex(uri_.c_str(), context_of(opened), properties_of(opened), prompt_.method(),
                                          &prompt_, nullptr, nullptr, nullptr));
    return opened;
  }

  static OSSL_LIB_CTX* context_of(const Opened& opened) {
    return opened.context ? opened.context->context.get() : library_context();
  }
  static const char* properties_of(const Opened& opened) {
    return opened.context ? opened.context->properties.c_str() : nullptr;
  }

  // A store of a file returns nothing for each object that it cannot decode; that of a token is asked once.
  [[nodiscard]] Handle<EVP_PKEY> first_key(OSSL_STORE_CTX* store) const {
    for (int more = is_file_ ? most_objects : 1; more > 0 && OSSL_STORE_eof(store) == 0; --more) {
      const Handle<OSSL_STORE_INFO> found(OSSL_STORE_load(store));
      if (found && OSSL_STORE_INFO_get_type(found.get()) == OSSL_STORE_INFO_PKEY)
        return Handle<EVP_PKEY>(OSSL_STORE_INFO_get1_PKEY(found.get()));
    }
    return {};
  }

  [[noreturn]] void refuse(std::string_view what) const {
    if (prompt_.asked() && !prompt_.answered())
      throw Error(Errc::not_found, shown_, "needs a passphrase or PIN, and there is none");
    if (prompt_.asked() && is_file_)
      throw Error(Errc::crypto, shown_, with_reason("cannot be opened with this passphrase"));
    if (prompt_.asked())
      throw Error(Errc::crypto, shown_, with_reason("no such key, or a wrong passphrase or PIN"),
                  "it is not tried again, because tokens lock themselves");
    throw Error(Errc::crypto, shown_, with_reason(what), hint_);
  }

  static std::string with_reason(std::string_view what) {
    return has_reason() ? fmt::format("{}: {}", what, last_reason_of_provider()) : std::string(what);
  }

  static constexpr int most_objects = 16;

  const std::string& uri_;
  const SecretString& content_;
  std::string shown_;
  bool is_file_;
  PassphrasePrompt prompt_;
  std::string hint_;
};

}  // namespace

StoredKey open_stored_key(const std::string& uri, const SecretString& content, const Passphrase& passphrase) {
  const CleanStack clean;
  return Opening(uri, content, passphrase).key();
}

}  // namespace pki::crypto
