# SPDX-License-Identifier: Apache-2.0
# For developers of this project, not for packagers: every warning is an error, and a compiler cache. Warnings of the
# optimiser differ from one gcc to the next, so in optimised builds they stay warnings.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wimplicit-fallthrough
                    $<$<CONFIG:Debug>:-Werror>)
# Under sanitizers gcc 12 finds uninitialized values inside <regex>, which are false positives.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_compile_options(-Wno-maybe-uninitialized)
endif()

# Compiled in, fmt is the better half of the compile time of most files.
set(PKI_FMT fmt::fmt)

# Headers of others that most files include are read once, which saves a third of the time of a build. The release has no
# such headers, so that a file of the product that misses an include does not pass the gate.
option(PKI_PRECOMPILED "Precompile headers" ON)
set(PKI_COMMON_HEADERS <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string>
                       <string_view> <utility> <variant> <vector> <fmt/format.h>)
# pki_precompile(TARGET HEADER…): the common headers and these, for the sources of the target
function(pki_precompile target)
  if(PKI_PRECOMPILED)
    target_precompile_headers(${target} PRIVATE ${PKI_COMMON_HEADERS} ${ARGN})
  endif()
endfunction()
# pki_share_precompiled(TARGET OTHER): those of another target, which is compiled with the same flags
function(pki_share_precompiled target other)
  if(PKI_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${other})
  endif()
endfunction()

find_program(PKI_CCACHE ccache)
if(PKI_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # What the cache asks of those who precompile: no __TIME__ in a header, and a preprocessor that names the compiled one.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${PKI_CCACHE})
  if(PKI_PRECOMPILED)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endif()
