// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Included by every public header: the version, the export macro, and the namespace that tells binaries apart.

#if __cplusplus < 202002L
#error "libpki needs C++20: compile with -std=c++20 or newer"
#endif

#include <version>  // the macros of the standard library that are read below

#define PKI_VERSION_MAJOR 0
#define PKI_VERSION_MINOR 1
#define PKI_VERSION_PATCH 0
/// PKI_VERSION is one number to compare: 0.1.0 is 100, 1.2.3 is 10203.
#define PKI_VERSION (PKI_VERSION_MAJOR * 10000 + PKI_VERSION_MINOR * 100 + PKI_VERSION_PATCH)

/// PKI_VERSION_TEXT is the version of the headers. `version` returns that of the library that runs.
#define PKI_VERSION_TEXT PKI_QUOTE(PKI_VERSION_MAJOR.PKI_VERSION_MINOR.PKI_VERSION_PATCH)
#define PKI_QUOTE(text) PKI_QUOTE_EXPANDED(text)
#define PKI_QUOTE_EXPANDED(text) #text

/// PKI_EXPORT marks what libpki.so exports. It is empty where PKI_STATIC is defined, as the target pki::static does: a
/// plugin that links the archive then exports nothing of libpki.
#ifdef PKI_STATIC
#define PKI_EXPORT
#else
#define PKI_EXPORT [[gnu::visibility("default")]]
#endif

/// PKI_ABI is the inline namespace of all public names. It changes with each version that may change the binary
/// interface, with _GLIBCXX_DEBUG and with the old std::string, so that objects that do not fit fail to link instead of
/// misreading each other's memory. Programs write pki::load and never this name.
#ifdef _GLIBCXX_DEBUG
#define PKI_ABI_CONTAINERS _debug
#else
#define PKI_ABI_CONTAINERS
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI == 0
#define PKI_ABI_STRING _oldstring
#else
#define PKI_ABI_STRING
#endif
#define PKI_ABI_JOIN(major, minor, containers, string) v##major##_##minor##containers##string
#define PKI_ABI_NAME(major, minor, containers, string) PKI_ABI_JOIN(major, minor, containers, string)
#define PKI_ABI PKI_ABI_NAME(PKI_VERSION_MAJOR, PKI_VERSION_MINOR, PKI_ABI_CONTAINERS, PKI_ABI_STRING)
