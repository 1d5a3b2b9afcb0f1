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

#include "disk/path.hpp"
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

std::string joined(const std::vector<fs::path>& paths) {
  std::string text;
  for (const auto& path : paths)
    text += " " + path.string();
  return text;
}

/// Survey looks at directories and collects what is wrong about them, each once.
class Survey {
 public:
  explicit Survey(const Layout& layout) : layout_(layout) {}

  void look_at(const fs::path& given) {
    const auto path = clean(given);
    const auto real = real_path(path);
    if (is_link(path)) add_link(path, real);
    walk(real);
    if (real != path) walk(path);
  }

  std::vector<Finding> findings() {
    std::ranges::stable_partition(findings_, [](const auto& finding) { return finding.rule == Rule::file_linked; });
    if (!findings_.empty()) findings_.back().remedy = remedy();
    return std::move(findings_);
  }

 private:
  void add_link(const fs::path& path, const fs::path& real) {
    if (!named_.insert(path).second) return;
    findings_.push_back({Rule::file_linked, Severity::error, path.string(),
                         fmt::format("is a symbolic link, expected a directory; it points to {}", real.string())});
    if (path == clean(layout_.certificates_dir) / "etcd")
      advice_.push_back(fmt::format("put the directory in the place of its link: rm {0} && mv {1} {0}", path.string(),
                                    real.string()));
    else
      linked_ = true;
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
    if (S_ISDIR(status.st_mode))
      (status.st_uid != 0 && status.st_uid != ::geteuid() ? foreign_ : open_).push_back(path);
    problem->remedy = {};
    findings_.push_back(std::move(*problem));
  }

  [[nodiscard]] Remedy remedy() const {
    auto advice = advice_;
    if (!foreign_.empty()) advice.push_back(fmt::format("chown {}{}", ::geteuid(), joined(foreign_)));
    if (!open_.empty()) advice.push_back("chmod go-w" + joined(open_));
    std::string text;
    for (const auto& each : advice)
      text += (text.empty() ? "" : "; ") + each;
    if (!linked_) return {text};
    Remedy remedy(Remedy::Kind::name_directories, {}, {real_path(clean(layout_.certificates_dir)).string()});
    const auto kubeconfigs = real_path(clean(layout_.kubeconfig_dir));
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
  std::vector<std::string> advice_;
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
