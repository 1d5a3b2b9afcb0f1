// SPDX-License-Identifier: Apache-2.0
#include "der_mutator.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

namespace {

/// Node is one value; one whose content is values, and that may be such a one, holds these instead of the content.
struct Node {
  char tag{0};
  std::string before;  // of an OCTET or BIT STRING that holds DER: the octets in front of it
  std::string content;
  std::vector<Node> children;
};

using Nodes = std::vector<Node>;

constexpr int deepest = 24;

std::optional<Nodes> parse(std::string_view octets, int depth);

std::optional<std::size_t> take_length(std::string_view& octets) {
  if (octets.empty()) return std::nullopt;
  std::size_t length = static_cast<unsigned char>(octets.front());
  octets.remove_prefix(1);
  if (length < 0x80) return length;
  const std::size_t count = length & 0x7fU;
  if (count == 0 || count > 3 || octets.size() < count) return std::nullopt;
  length = 0;
  for (std::size_t i = 0; i < count; ++i)
    length = length << 8U | static_cast<unsigned char>(octets[i]);
  octets.remove_prefix(count);
  return length;
}

void parse_content(Node& node, int depth) {
  const auto tag = static_cast<unsigned char>(node.tag);
  const bool bits = tag == 0x03 && node.content.starts_with('\0');
  if ((tag & 0x20U) == 0 && tag != 0x04 && !bits) return;
  const std::size_t skip = bits ? 1 : 0;
  auto children = parse(std::string_view(node.content).substr(skip), depth + 1);
  if (!children || children->empty()) return;
  node.before = node.content.substr(0, skip);
  node.content.clear();
  node.children = std::move(*children);
}

std::optional<Nodes> parse(std::string_view octets, int depth) {
  Nodes nodes;
  while (!octets.empty()) {
    Node node{octets.front(), {}, {}, {}};
    octets.remove_prefix(1);
    const auto length = take_length(octets);
    if (!length || *length > octets.size()) return std::nullopt;
    node.content = octets.substr(0, *length);
    octets.remove_prefix(*length);
    if (depth < deepest) parse_content(node, depth);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::string write(const Nodes& nodes);

std::string write(const Node& node) {
  const auto content = node.children.empty() ? node.content : node.before + write(node.children);
  std::string out(1, node.tag);
  if (content.size() < 0x80) return out + static_cast<char>(content.size()) + content;
  std::string length;
  for (auto rest = content.size(); rest != 0; rest >>= 8U)
    length.insert(length.begin(), static_cast<char>(rest & 0xffU));
  return out + static_cast<char>(0x80U | length.size()) + length + content;
}

std::string write(const Nodes& nodes) {
  std::string out;
  for (const auto& node : nodes)
    out += write(node);
  return out;
}

/// Place is one value by its list and its number in it.
struct Place {
  Nodes* list;
  std::size_t index;
  [[nodiscard]] Node& node() const { return (*list)[index]; }
};

void collect(Nodes& nodes, std::vector<Place>& places) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    places.push_back({&nodes, i});
    collect(nodes[i].children, places);
  }
}

void change_content(Node& node, ByteMutator bytes) {
  auto content = node.children.empty() ? node.content : node.before + write(node.children);
  const auto size = content.size();
  content.resize(size + 64);
  content.resize(bytes(reinterpret_cast<std::uint8_t*>(content.data()), size, content.size()));
  node.children.clear();
  node.before.clear();
  node.content = std::move(content);
}

void change(const std::vector<Place>& places, std::minstd_rand& random, ByteMutator bytes) {
  constexpr std::string_view tags(
      "\x01\x02\x03\x04\x05\x06\x0c\x13\x14\x17\x18\x1c\x1e\x30\x31\x80\x81\x82\x86\xa0\xa3", 21);
  const auto& place = places[random() % places.size()];
  const auto at = place.list->begin() + static_cast<std::ptrdiff_t>(place.index);
  switch (random() % 8) {
    case 0:
      place.list->erase(at);
      break;
    case 1:
      place.list->insert(at, Node(place.node()));
      break;
    case 2:
      place.node() = Node(places[random() % places.size()].node());
      break;
    case 3:
      place.node().tag = tags[random() % tags.size()];
      break;
    default:
      change_content(place.node(), bytes);
  }
}

}  // namespace

std::size_t mutate_der(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, ByteMutator bytes) {
  std::minstd_rand random(seed);
  auto nodes = parse({reinterpret_cast<const char*>(data), size}, 0);
  std::vector<Place> places;
  if (nodes) collect(*nodes, places);
  if (places.empty() || random() % 4 == 0) return bytes(data, size, max_size);
  change(places, random, bytes);
  const auto out = write(*nodes);
  if (out.size() > max_size) return bytes(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}

}  // namespace fuzz
