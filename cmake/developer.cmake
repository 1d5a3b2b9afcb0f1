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

find_program(PKI_CCACHE ccache)
if(PKI_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PKI_CCACHE})
endif()
