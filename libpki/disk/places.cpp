// SPDX-License-Identifier: Apache-2.0
#include "disk/places.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "disk/advice.hpp"
#include "disk/path.hpp"
#include "disk/permissions.hpp"
#include "disk/sys.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

fs::path real_path(const fs::path& path) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error);
  return error ? path : real;
}

bool is_link(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

Linked follow(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) || error) return {path, real_path(path), false};
  const auto target = fs::read_symlink(path, error);
  return {path, (path.parent_path() / target).lexically_normal(), true};
}

fs::path directory_of(const fs::path& given) {
  const auto path = clean(given);
  return is_link(path) ? follow(path).target : real_path(path);
}

/// Survey looks at directories and collects what is wrong about them, each once.
class Survey {
 public:
  explicit Survey(const Layout& layout) : layout_(layout) {}

  void look_at(const fs::path& given) {
    const auto path = clean(given);
    if (is_link(path)) add_link(follow(path));
    const auto real = directory_of(path);
    walk(real);
    if (real != path) walk(path);
  }

  std::vector<Finding> findings() {
    std::stable_partition(findings_.begin(), findings_.end(),
                          [](const auto& finding) { return finding.rule == Rule::file_linked; });
    if (!findings_.empty()) findings_.back().remedy = remedy();
    return std::move(findings_);
  }

 private:
  void add_link(const Linked& link) {
    const auto& [path, target, dangling] = link;
    if (!named_.insert(path).second) return;
    findings_.push_back({Rule::file_linked, Severity::error, path.string(),
                         fmt::format("is a symbolic link, expected a directory; it points to {}{}", target.string(),
                                     dangling ? ", which does not exist" : "")});
    if (path != clean(layout_.certificates_dir) / "etcd")
      linked_ = true;
    else
      replacement_ = replace_link(path);
  }

  void walk(const fs::path& path) {
    fs::path here;
    for (const auto& component : path) {
      here /= component;
      struct stat status {};
      if (::stat(here.c_str(), &status) != 0) {
        if (errno != ENOENT && named_.insert(here).second)
          findings_.push_back(io_error(here, "cannot read", errno).finding());
        return;
      }
      if (seen_.insert({status.st_dev, status.st_ino}).second) judge(status, here);
    }
  }

  void judge(const struct stat& status, const fs::path& path) {
    auto problem = check_safe(status, path);
    if (!problem) return;
    if (S_ISDIR(status.st_mode) && is_foreign(status)) foreign_.push_back(path);
    if (S_ISDIR(status.st_mode) && is_open(status)) open_.push_back(path);
    problem->remedy = {};
    findings_.push_back(std::move(*problem));
  }

  // The directory in the place of its link comes last, since the other commands name it where it is.
  [[nodiscard]] Remedy remedy() const {
    std::string text;
    const auto add = [&](const std::string& each) { text += (text.empty() ? "" : "; ") + each; };
    if (!foreign_.empty()) add(shell_command(fmt::format("chown {}", ::geteuid()), foreign_));
    if (!open_.empty()) add(shell_command("chmod go-w", open_));
    if (!replacement_.empty()) add(replacement_);
    if (!linked_) return {text};
    Remedy remedy(Remedy::Kind::name_directories, {}, {directory_of(layout_.certificates_dir).string()});
    const auto kubeconfigs = directory_of(layout_.kubeconfig_dir);
    if (kubeconfigs != fs::path(remedy.paths.front()).parent_path()) remedy.paths.push_back(kubeconfigs.string());
    remedy.text = std::move(text);
    return remedy;
  }

  const Layout& layout_;
  std::vector<Finding> findings_;
  std::set<fs::path> named_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<fs::path> foreign_;
  std::vector<fs::path> open_;
  std::string replacement_;  ///< the command that puts a directory in the place of its link
  bool linked_{false};
};

}  // namespace

std::vector<Finding> find_unsafe(const Layout& layout, std::span<const fs::path> directories) {
  Survey survey(layout);
  for (const auto& directory : directories)
    survey.look_at(directory);
  return survey.findings();
}

void refuse_unsafe(const Layout& layout, std::span<const fs::path> needed, std::span<const fs::path> others) {
  if (find_unsafe(layout, needed).empty()) return;
  std::vector<fs::path> all(needed.begin(), needed.end());
  all.insert(all.end(), others.begin(), others.end());
  auto findings = find_unsafe(layout, all);
  if (!findings.empty()) throw Error(Errc::io, std::move(findings));
}

std::vector<fs::path> root_paths(const Layout& layout) {
  std::vector<fs::path> paths;
  for (const auto& root : roots(layout))
    paths.push_back(root.path);
  return paths;
}

std::vector<Linked> linked_directories(const Layout& layout) {
  std::vector<Linked> linked;
  for (const auto& path : root_paths(layout))
    if (is_link(path)) linked.push_back(follow(path));
  return linked;
}

void refuse_linked(const Layout& layout) {
  std::vector<fs::path> linked{certificates_dir(layout), clean(layout.kubeconfig_dir)};
  std::erase_if(linked, [](const fs::path& path) { return !is_link(path); });
  refuse_unsafe(layout, linked, root_paths(layout));
}

}  // namespace pki::disk
