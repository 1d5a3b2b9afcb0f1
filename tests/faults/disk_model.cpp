// SPDX-License-Identifier: Apache-2.0
#include "disk_model.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace faults {

namespace {

constexpr std::size_t top = 0;
constexpr mode_t mode_bits = 07777;

std::string relative(const std::string& path, const std::string& site) {
  return path.size() <= site.size() ? "" : path.substr(site.size() + 1);
}

Node access_of(const Node& node) {
  auto access = node;
  access.content.clear();
  return access;
}

void add_option(std::vector<std::string>& options, std::string content) {
  if (std::find(options.begin(), options.end(), content) == options.end()) options.push_back(std::move(content));
}

}  // namespace

DiskModel::DiskModel(const Tree& tree) {
  (void)add({Node::Kind::directory, 0755, 0, 0, 1, {}, {}});
  for (const auto& [path, node] : tree)
    put(place_of(path), {add(node), no_rename});
  for (Inode inode = 0; inode < items_.size(); ++inode)
    sync(inode);
}

DiskModel::Inode DiskModel::add(Node node) {
  Item item;
  item.access = {access_of(node)};
  item.dirty = node.kind == Node::Kind::file && !node.content.empty();
  item.now = std::move(node);
  items_.push_back(std::move(item));
  return items_.size() - 1;
}

DiskModel::Place DiskModel::place_of(const std::string& path) const {
  const auto slash = path.rfind('/');
  const auto directory = slash == std::string::npos ? top : find(path.substr(0, slash));
  return {directory, slash == std::string::npos ? path : path.substr(slash + 1)};
}

DiskModel::Inode DiskModel::at(const Place& place) const {
  const auto& names = items_.at(place.directory).names;
  const auto found = names.find(place.name);
  return found == names.end() ? nothing : found->second.back().inode;
}

DiskModel::Inode DiskModel::find(const std::string& path) const {
  if (path.empty()) return top;
  const auto inode = at(place_of(path));
  if (inode == nothing) throw std::runtime_error("the model has no " + path);
  return inode;
}

DiskModel::Inode DiskModel::target_of(const Call& call, const std::string& path) const {
  const auto found = open_.find(call.fd);
  return found == open_.end() ? find(path) : found->second;
}

void DiskModel::put(const Place& place, Value value) {
  auto& history = items_.at(place.directory).names[place.name];
  if (history.empty()) history.push_back({});
  history.push_back(value);
}

void DiskModel::make(const std::string& path, Node node) {
  node.uid = ::geteuid(), node.gid = ::getegid();
  put(place_of(path), {add(std::move(node)), no_rename});
}

void DiskModel::open(const Call& call, const std::string& path) {
  const auto place = place_of(path);
  const bool creates = (call.flags & O_CREAT) != 0 && at(place) == nothing;
  const auto mode = static_cast<mode_t>(call.arguments[3]) & mode_bits;
  if (creates) make(path, {Node::Kind::file, mode, 0, 0, 1, {}, {}});
  const auto inode = path.empty() ? top : at(place);
  if (inode != nothing) open_[static_cast<int>(call.result)] = inode;
}

void DiskModel::rename(const std::string& from, const std::string& to) {
  const auto source = place_of(from), target = place_of(to);
  const auto inode = at(source);
  const auto number = static_cast<int>(moves_.size());
  moves_.push_back({target.directory, target.name});
  put(target, {inode, number});
  put(source, {nothing, number});
}

// Once the old name is certain to be gone the new one is certain, too.
void DiskModel::settle(const Move& move, int rename) {
  auto& history = items_.at(move.directory).names[move.name];
  const auto found = std::find_if(history.begin(), history.end(),
                                  [=](const Value& v) { return v.rename == rename && v.inode != nothing; });
  if (found != history.end()) history.erase(history.begin(), found);
}

void DiskModel::sync(Inode inode) {
  auto& item = items_.at(inode);
  item.synced = item.now.content;
  item.dirty = false;
  item.access = {access_of(item.now)};
  std::vector<int> gone;
  for (auto& [name, history] : item.names) {
    for (const auto& value : history)
      if (value.inode == nothing && value.rename != no_rename) gone.push_back(value.rename);
    history = {history.back()};
  }
  for (const int rename : gone)
    settle(moves_.at(static_cast<std::size_t>(rename)), rename);
}

void DiskModel::apply(const Call& call, const std::string& site) {
  if (call.failed()) return;
  const auto path = relative(call.path, site);
  const auto name = call.name();
  const auto mode = [&](std::size_t argument) { return static_cast<mode_t>(call.arguments[argument]) & mode_bits; };
  if (call.opens()) return open(call, path);
  if (name == "close") return void(open_.erase(call.fd));
  if (!call.mutates || call.fd == 1 || call.fd == 2) return;
  if (name == "write") {
    auto& item = items_.at(target_of(call, path));
    item.now.content += call.data;
    item.dirty = true;
  } else if (call.syncs()) {
    sync(target_of(call, path));
  } else if (call.renames()) {
    rename(path, relative(call.path2, site));
  } else if (name == "mkdir" || name == "mkdirat") {
    make(path, {Node::Kind::directory, mode(name == "mkdir" ? 1 : 2), 0, 0, 1, {}, {}});
  } else if (name == "symlinkat") {
    make(path, {Node::Kind::link, 0777, 0, 0, 1, call.data, {}});
  } else if (call.unlinks()) {
    put(place_of(path), {});
  } else {
    change_access(call, path);
  }
}

void DiskModel::change_access(const Call& call, const std::string& path) {
  const auto name = call.name();
  auto& item = items_.at(name == "fchmodat" ? find(path) : target_of(call, path));
  if (name == "fchmod" || name == "fchmodat")
    item.now.mode = static_cast<mode_t>(call.arguments[name == "fchmod" ? 1 : 2]) & mode_bits;
  else if (name == "fchown")
    item.now.uid = static_cast<uid_t>(call.arguments[1]), item.now.gid = static_cast<gid_t>(call.arguments[2]);
  else if (name == "fsetxattr")
    item.now.attributes[call.raw] = call.data;
  else if (name == "fremovexattr")
    item.now.attributes.erase(call.raw);
  else
    throw std::runtime_error("the model does not know " + to_text(call));
  item.access.push_back(access_of(item.now));
}

std::vector<std::string> DiskModel::contents(const Item& item) {
  std::vector<std::string> options;
  const auto& now = item.now.content;
  for (auto content : {item.synced, now.substr(0, now.size() / 2), std::string(now.size(), '\0')})
    if (content != now) add_option(options, std::move(content));
  options.push_back(now);
  return options;
}

std::vector<Unknown> DiskModel::unknowns() const {
  std::vector<Unknown> all;
  for (Inode inode = 0; inode < items_.size(); ++inode) {
    const auto& item = items_[inode];
    for (const auto& [name, history] : item.names)
      if (history.size() > 1) all.push_back({Unknown::What::name, inode, name, history.size()});
    const auto options = item.dirty ? contents(item).size() : 1;
    if (options > 1) all.push_back({Unknown::What::data, inode, "", options});
    if (item.access.size() > 1) all.push_back({Unknown::What::access, inode, "", item.access.size()});
  }
  return all;
}

// Reverts removals of old names whose new names do not exist, until no such removal is left.
void DiskModel::repair(Chosen& chosen) const {
  const auto has = [&](const Move& move, int rename) {
    const auto& history = items_.at(move.directory).names.at(move.name);
    const auto found = std::find_if(history.begin(), history.end(),
                                    [=](const Value& v) { return v.rename == rename && v.inode != nothing; });
    if (found == history.end()) return true;  // certain, and maybe followed by something else
    const auto choice = chosen.find({move.directory, move.name});
    const auto index = choice == chosen.end() ? history.size() - 1 : choice->second;
    return index >= static_cast<std::size_t>(found - history.begin());
  };
  for (bool again = true; again;) {
    again = false;
    for (auto& [key, index] : chosen) {
      const auto& history = items_.at(key.first).names.at(key.second);
      for (std::size_t i = 1; i <= index; ++i) {
        const auto rename = history[i].inode == nothing ? history[i].rename : no_rename;
        if (rename == no_rename || has(moves_.at(static_cast<std::size_t>(rename)), rename)) continue;
        index = i - 1;
        again = true;
      }
    }
  }
}

Tree DiskModel::after_power_loss(const std::vector<Unknown>& unknowns, Choice choice) const {
  Chosen names;
  std::map<std::pair<Inode, int>, std::size_t> index;
  for (std::size_t i = 0; i < unknowns.size(); ++i) {
    if (unknowns[i].what == Unknown::What::name)
      names[{unknowns[i].inode, unknowns[i].name}] = choice[i];
    else
      index[{unknowns[i].inode, static_cast<int>(unknowns[i].what)}] = i;
  }
  repair(names);
  Tree tree;
  picture(top, "", names, choice, index, tree);
  return tree;
}

void DiskModel::picture(Inode directory, const std::string& prefix, const Chosen& names, const Choice& choice,
                        const std::map<std::pair<Inode, int>, std::size_t>& index, Tree& tree) const {
  const auto option = [&](Inode inode, Unknown::What what) {
    const auto found = index.find({inode, static_cast<int>(what)});
    return found == index.end() ? nothing : choice[found->second];
  };
  for (const auto& [name, history] : items_.at(directory).names) {
    const auto chosen = names.find({directory, name});
    const auto inode = history.at(chosen == names.end() ? history.size() - 1 : chosen->second).inode;
    if (inode == nothing) continue;
    const auto& item = items_.at(inode);
    auto& node = tree[prefix + name] = item.now;
    if (const auto data = option(inode, Unknown::What::data); data != nothing) node.content = contents(item).at(data);
    if (const auto access = option(inode, Unknown::What::access); access != nothing) {
      auto content = std::move(node.content);
      node = item.access.at(access);
      node.content = std::move(content);
    }
    if (node.kind == Node::Kind::directory) picture(inode, prefix + name + "/", names, choice, index, tree);
  }
}

}  // namespace faults
