// SPDX-License-Identifier: Apache-2.0
#include "tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>

namespace faults {

namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> read_attributes(const fs::path& path) {
  std::map<std::string, std::string> attributes;
  std::array<char, 4096> names{}, value{};
  const auto size = ::llistxattr(path.c_str(), names.data(), names.size());
  for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
    const std::string name(names.data() + at);
    at += name.size() + 1;
    if (!name.starts_with("user.")) continue;
    const auto count = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (count >= 0) attributes[name].assign(value.data(), static_cast<std::size_t>(count));
  }
  return attributes;
}

Node read_node(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("cannot read " + path.string());
  Node node{Node::Kind::other, status.st_mode & 07777U, status.st_uid, status.st_gid, status.st_nlink, {}, {}};
  if (S_ISDIR(status.st_mode)) {
    node.kind = Node::Kind::directory;
    node.names = 1;  // the number of subdirectories, or not: file systems differ
  } else if (S_ISLNK(status.st_mode)) {
    node.kind = Node::Kind::link;
    node.content = fs::read_symlink(path);
  } else if (S_ISREG(status.st_mode)) {
    node.kind = Node::Kind::file;
    node.content = slurp(path);
    node.attributes = read_attributes(path);
  }
  return node;
}

void write_file(const fs::path& path, const Node& node) {
  std::ofstream out(path, std::ios::binary);
  out << node.content;
  out.close();
  if (!out || ::chmod(path.c_str(), node.mode) != 0) throw std::runtime_error("cannot write " + path.string());
  for (const auto& [name, value] : node.attributes)
    if (::setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
      throw std::runtime_error("cannot set " + name + " of " + path.string());
}

}  // namespace

bool same_access(const Node& a, const Node& b) {
  return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.attributes == b.attributes;
}

Tree read_tree(const fs::path& root) {
  Tree tree;
  if (!fs::exists(root)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    tree.emplace(entry.path().lexically_relative(root).string(), read_node(entry.path()));
  return tree;
}

void write_tree(const fs::path& root, const Tree& tree) {
  fs::remove_all(root);
  fs::create_directories(root);
  ::chmod(root.c_str(), 0755);
  for (const auto& [name, node] : tree) {
    const auto path = root / name;
    if (node.kind == Node::Kind::directory) {
      fs::create_directory(path);
      ::chmod(path.c_str(), node.mode);
    } else if (node.kind == Node::Kind::link) {
      fs::create_symlink(node.content, path);
    } else {
      write_file(path, node);
    }
    if (::geteuid() == 0 && ::lchown(path.c_str(), node.uid, node.gid) != 0)
      throw std::runtime_error("cannot chown " + path.string());
  }
}

std::size_t digest(const Tree& tree) {
  std::size_t sum = 0;
  const auto mix = [&](std::size_t value) { sum = (sum ^ value) * 1'099'511'628'211U + (sum >> 29); };
  for (const auto& [path, node] : tree) {
    mix(std::hash<std::string>()(path));
    mix(std::hash<std::string>()(node.content));
    mix(node.mode * 8U + static_cast<std::size_t>(node.kind));
    mix(node.gid);
    for (const auto& [name, value] : node.attributes)
      mix(std::hash<std::string>()(name + value));
  }
  return sum;
}

Visible see(const fs::path& base, const std::string& root) {
  Visible visible;
  const auto directory = root.empty() ? base : base / root;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with('.') || !fs::is_regular_file(entry.path(), none)) continue;
    visible.emplace(name, slurp(entry.path()));
  }
  return visible;
}

bool holds_secret(const std::string& content) {
  return content.find("PRIVATE KEY") != std::string::npos || content.find("client-key-data") != std::string::npos;
}

}  // namespace faults
