#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <openssl/bn.h>

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

/// Sample holds the primes of many keys and reports in which way they do not look like primes drawn uniformly from
/// [sqrt(2) · 2^(bits - 1), 2^bits). Each test is of such a size that it errs once in a million runs or more rarely.
class Sample {
 public:
  explicit Sample(int bits) : bits_(bits) {}

  void add(const BIGNUM* prime);

  /// Returns the properties in which the primes are not random, and prints each measurement.
  [[nodiscard]] std::vector<std::string> oddities() const;

 private:
  void assess(const std::string& what, double deviation, std::vector<std::string>& found) const;
  /// spread is how far counts that should be equal are from that: chi square as standard deviations of a normal one.
  [[nodiscard]] double spread(const std::map<unsigned long, std::size_t>& counts, std::size_t classes) const;
  [[nodiscard]] double residues(unsigned long modulus, std::size_t classes) const;
  [[nodiscard]] double leading_parts() const;
  [[nodiscard]] double worst_bit() const;
  [[nodiscard]] double gaps() const;

  int bits_;
  std::vector<Number> primes_;
};
