// SPDX-License-Identifier: Apache-2.0
// The entry points that libFuzzer calls. FUZZ_TARGET is the name of the target, a C string.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "der_mutator.hpp"
#include "targets.hpp"

namespace {

[[noreturn]] void found(const char* what) {
  std::fprintf(stderr, "fuzz-%s: violated property: %s\n", FUZZ_TARGET, what);
  std::abort();  // libFuzzer stores the input
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const target = fuzz::find_target(FUZZ_TARGET);
  try {
    fuzz::run_bounded(*target, {reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& error) {
    found(error.what());
  }
  return 0;
}

#ifdef FUZZ_DER
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return fuzz::mutate_der(data, size, max_size, seed, &LLVMFuzzerMutate);
}
#endif
