// SPDX-License-Identifier: Apache-2.0
#include "form.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace faults {

namespace {

// Replaces each time like "20260131T235959Z" in the name of a backup: what is left holds a number and is unique.
std::string without_time(std::string path) {
  constexpr std::string_view shape = "00000000T000000Z";
  const auto alike = [](char pattern, char c) {
    return pattern == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : pattern == c;
  };
  auto at = path.begin();
  while (true) {
    at = std::search(at, path.end(), shape.begin(), shape.end(), [&](char c, char p) { return alike(p, c); });
    if (at == path.end()) return path;
    at = std::copy(shape.begin(), shape.end(), at);
  }
}

// What a write leaves in a file: which one it is, and whether it was made short.
std::string token(const std::string& path, bool whole) { return path + (whole ? "\n" : " in part\n"); }

Tree with_tokens(const Tree& tree) {
  Tree form;
  for (const auto& [path, node] : tree) {
    const auto name = without_time(path);
    auto& copy = form[name] = node;
    if (node.kind == Node::Kind::file) copy.content = token("before: " + name, true);
  }
  return form;
}

Call with_token(Call call, const std::string& site) {
  call.path = without_time(call.path);
  call.path2 = without_time(call.path2);
  if (call.name() == "write" && call.path.starts_with(site))
    call.data = token(call.path.substr(site.size()), call.data.size() == call.arguments[2]);
  return call;
}

}  // namespace

Form::Form(const Tree& before) : bytes_(before), paths_(with_tokens(before)) {}

void Form::apply(const Call& call, const std::string& site) {
  bytes_.apply(call, site);
  paths_.apply(with_token(call, site), site);
}

Tree Form::tree_after(const std::vector<Unknown>& unknowns, const Choice& choice) const {
  return bytes_.after_power_loss(unknowns, choice);
}

Tree Form::paths_after(std::vector<Unknown> unknowns, const Choice& choice) const {
  for (auto& one : unknowns)
    one.name = without_time(one.name);
  return paths_.after_power_loss(unknowns, choice);
}

}  // namespace faults
