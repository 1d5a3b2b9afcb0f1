# SPDX-License-Identifier: Apache-2.0
# Hardening of everything built: the flags of the OpenSSF compiler guide that this compiler and machine support.
# `-z nodlopen` is left out on purpose: installers load libpki.so at run time.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)

function(pki_harden_compile flag)
  string(MAKE_C_IDENTIFIER "PKI_HAS${flag}" known)
  # An unknown flag is only a warning for some compilers.
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    add_compile_options(${flag})
  endif()
endfunction()

function(pki_harden_link flag)
  string(MAKE_C_IDENTIFIER "PKI_HAS${flag}" known)
  check_linker_flag(CXX ${flag} ${known})
  if(${known})
    add_link_options(${flag})
  endif()
endfunction()

foreach(flag -fstack-protector-strong -fstack-clash-protection -fstrict-flex-arrays=3 -ftrivial-auto-var-init=zero
             -fzero-init-padding-bits=all -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing)
  pki_harden_compile(${flag})
endforeach()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  pki_harden_compile(-fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  pki_harden_compile(-mbranch-protection=standard)
endif()

# Where level 3 is not supported the C library warns; level 2 is supported everywhere.
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_cxx_source_compiles("#include <cstring>\nint main() { return 0; }" PKI_HAS_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
add_compile_options(-U_FORTIFY_SOURCE $<IF:$<BOOL:${PKI_HAS_FORTIFY_3}>,-D_FORTIFY_SOURCE=3,-D_FORTIFY_SOURCE=2>)
add_compile_definitions(_GLIBCXX_ASSERTIONS)

foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,--as-needed
             -Wl,--no-copy-dt-needed-entries)
  pki_harden_link(${flag})
endforeach()
