// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

// The modes of pki-bench, one function each. Each prints one number, in the unit that its comment states.

/// Returns the wall time of `work` in seconds.
double seconds_of(const std::function<void()>& work);

// measure.cpp: exit code, seconds, seconds of all cores and peak MiB of one command, whose output is thrown away.
int measure_command(char** command);

// bench.cpp: libpki.
void library_clients(std::size_t count, unsigned threads);  // seconds
void library_rsa(unsigned bits, std::size_t count);         // milliseconds a key, one thread

// bench_openssl.cpp: the same work by OpenSSL's public functions, and nothing else.
void openssl_clients(std::size_t count, unsigned threads);  // seconds
void openssl_rsa(unsigned bits, std::size_t count);         // milliseconds a key, one thread
/// Prints the milliseconds that BN_generate_prime_ex2 needs per prime on one thread.
void openssl_prime(unsigned bits, std::size_t count);
/// openssl_parse reads every certificate below a directory: PEM, then d2i_X509. Milliseconds of d2i_X509 alone, and
/// with reading the files and their base64.
void openssl_parse(const std::string& directory);
/// openssl_report does OpenSSL's share of a report: it reads every certificate and private key below a directory,
/// verifies each signature with the issuers of that name, and matches keys and certificates. Prints how many matched.
void openssl_report(const std::string& directory);
