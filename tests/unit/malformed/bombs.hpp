// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Inputs as large as a reader takes them, made to be slow or to grow.

/// Bomb is one of them.
struct Bomb {
  const char* name;
  std::string text;
};

/// repeat writes a piece again and again, up to `size` bytes.
[[nodiscard]] std::string repeat(std::string_view piece, std::size_t size);

/// pem_bombs has PEM texts of up to `size` bytes with blocks of that label.
[[nodiscard]] std::vector<Bomb> pem_bombs(std::string_view label, std::size_t size);
/// certificate_bombs has DER certificates of about `size` bytes, each with one part that is as large as that.
[[nodiscard]] std::vector<Bomb> certificate_bombs(std::size_t size);
/// yaml_bombs has YAML and JSON texts of up to `size` bytes. `head` begins each that is to be a document of a kind.
[[nodiscard]] std::vector<Bomb> yaml_bombs(std::string_view head, std::size_t size);
