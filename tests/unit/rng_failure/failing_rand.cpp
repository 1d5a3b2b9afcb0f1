// SPDX-License-Identifier: Apache-2.0
#include "failing_rand.hpp"

#include <sys/random.h>

#include <atomic>
#include <stdexcept>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "crypto/openssl.hpp"

namespace {

std::atomic<std::size_t> count{0};
std::atomic<std::size_t> failed{0};
std::atomic<std::size_t> wrong{0};
std::atomic<bool> for_ever{false};

using Entry = void (*)();

int context_of_nothing = 0;

void* make_context(void*, void*, const OSSL_DISPATCH*) { return &context_of_nothing; }
void free_context(void*) {}
int instantiate(void*, unsigned, int, const unsigned char*, size_t, const OSSL_PARAM[]) { return 1; }
int uninstantiate(void*) { return 1; }

int generate(void*, unsigned char* out, size_t size, unsigned, int, const unsigned char*, size_t) {
  const auto number = ++count;
  const auto first = wrong.load();
  if (first != 0 && (number == first || (for_ever && number > first))) {
    ++failed;
    return 0;
  }
  return ::getrandom(out, size, 0) == static_cast<ssize_t>(size) ? 1 : 0;
}

int reseed(void*, int, const unsigned char*, size_t, const unsigned char*, size_t) { return 1; }
int lock(void*) { return 1; }
void unlock(void*) {}

int get_params(void*, OSSL_PARAM params[]) {
  if (auto* state = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE))
    if (OSSL_PARAM_set_int(state, EVP_RAND_STATE_READY) != 1) return 0;
  if (auto* strength = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH))
    if (OSSL_PARAM_set_uint(strength, 256) != 1) return 0;
  if (auto* most = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST))
    if (OSSL_PARAM_set_size_t(most, 256) != 1) return 0;
  return 1;
}

const OSSL_DISPATCH functions[] = {{OSSL_FUNC_RAND_NEWCTX, reinterpret_cast<Entry>(&make_context)},
                                   {OSSL_FUNC_RAND_FREECTX, reinterpret_cast<Entry>(&free_context)},
                                   {OSSL_FUNC_RAND_INSTANTIATE, reinterpret_cast<Entry>(&instantiate)},
                                   {OSSL_FUNC_RAND_UNINSTANTIATE, reinterpret_cast<Entry>(&uninstantiate)},
                                   {OSSL_FUNC_RAND_GENERATE, reinterpret_cast<Entry>(&generate)},
                                   {OSSL_FUNC_RAND_RESEED, reinterpret_cast<Entry>(&reseed)},
                                   {OSSL_FUNC_RAND_ENABLE_LOCKING, reinterpret_cast<Entry>(&lock)},
                                   {OSSL_FUNC_RAND_LOCK, reinterpret_cast<Entry>(&lock)},
                                   {OSSL_FUNC_RAND_UNLOCK, reinterpret_cast<Entry>(&unlock)},
                                   {OSSL_FUNC_RAND_GET_CTX_PARAMS, reinterpret_cast<Entry>(&get_params)},
                                   {0, nullptr}};

const OSSL_ALGORITHM algorithms[] = {{"FAILING", "provider=failing", functions, "counts and refuses"},
                                     {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* query(void*, int operation, int* no_store) {
  *no_store = 0;
  return operation == OSSL_OP_RAND ? algorithms : nullptr;
}

const OSSL_DISPATCH provider_functions[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<Entry>(&query)},
                                            {0, nullptr}};

int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
  *out = provider_functions;
  *context = &context_of_nothing;
  return 1;
}

}  // namespace

FailingRand::FailingRand() {
  auto* context = pki::crypto::library_context();
  // To load one by name is to have no others unless they are loaded as well.
  const bool ready = OSSL_PROVIDER_add_builtin(context, "failing", &start) == 1 &&
                     OSSL_PROVIDER_load(context, "failing") != nullptr &&
                     OSSL_PROVIDER_load(context, "default") != nullptr &&
                     RAND_set_DRBG_type(context, "FAILING", "provider=failing", nullptr, nullptr) == 1;
  if (!ready) throw std::runtime_error("cannot replace the random generator");
}

void FailingRand::refuse(std::size_t number, bool sticky) {
  for_ever = sticky;
  wrong = number;
  count = 0;
  failed = 0;
}

std::size_t FailingRand::draws() { return count; }

std::size_t FailingRand::refused() { return failed; }
