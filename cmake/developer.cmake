# What a developer of this project wants and a packager does not: every warning is an error, and a compiler cache. What
# an optimiser takes for an overflow differs from one gcc to the next, so there warnings stay warnings.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wimplicit-fallthrough
                    $<$<CONFIG:Debug>:-Werror>)
# Under sanitizers gcc 12 finds uninitialized values inside <regex>, which are none.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_compile_options(-Wno-maybe-uninitialized)
endif()

# Compiled in, fmt is the better half of the compile time of most files.
set(PKI_FMT fmt::fmt)

find_program(PKI_CCACHE ccache)
if(PKI_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PKI_CCACHE})
endif()
