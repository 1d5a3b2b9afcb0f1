// SPDX-License-Identifier: Apache-2.0
#include <pki/commit.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "disk/lock.hpp"
#include "disk/places.hpp"
#include "disk/transaction.hpp"
#include "model/entry_check.hpp"
#include "model/refusals.hpp"
#include "verbs/assemble.hpp"
#include "verbs/made_rows.hpp"
#include "verbs/requests.hpp"
#include "verbs/roll_out.hpp"

namespace pki::inline PKI_ABI {

struct Lock::State {
  disk::FileLock file;
  Layout layout;
  std::vector<Finding> recovered;
};

Lock::Lock(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Lock::Lock(Lock&&) noexcept = default;
Lock& Lock::operator=(Lock&&) noexcept = default;
Lock::~Lock() = default;

const Layout& Lock::layout() const noexcept { return state_->layout; }
const std::vector<Finding>& Lock::recovered() const noexcept { return state_->recovered; }

Lock lock(const Layout& layout, std::chrono::milliseconds timeout) {
  const std::vector<std::filesystem::path> parent{disk::lock_path(layout).parent_path()};
  disk::refuse_linked(layout);
  disk::refuse_unsafe(layout, parent, disk::root_paths(layout));
  auto file = disk::FileLock::acquire(layout, timeout);
  auto recovered = disk::recover(layout);
  std::ranges::move(verbs::put_back_recorded(layout), std::back_inserter(recovered));
  make_plain(recovered);
  return Lock(std::make_unique<Lock::State>(Lock::State{std::move(file), layout, std::move(recovered)}));
}

namespace {

bool is_written(const Bundle& bundle, const std::filesystem::path& path) {
  return std::ranges::find(bundle.files, path, &File::path) != bundle.files.end();
}

// Checks every entry that the bundle changes, from the bytes on disk as the next `load` will see them, at the first
// second of its validity period.
void verify_staged(const Bundle& bundle, const disk::ReadBack& read_back) {
  const auto staged = verbs::assemble(
      bundle.layout,
      [&](const std::filesystem::path& path, const disk::ReadRules& rules) {
        disk::Found found;
        if (auto content = read_back(path, rules.secret)) {
          found.exists = true;
          found.content = std::move(*content);
        }
        return found;
      },
      KeyCheck::consistency,  // each key has made a trial signature before, and a changed byte shows in its numbers
      bundle.catalog);
  for (const auto& entry : staged.entries) {
    if (!is_written(bundle, entry.path) && !is_written(bundle, entry.key_path)) continue;
    const auto* issuer = entry.row->issuer.empty() ? nullptr : &staged.find(entry.row->issuer);
    const auto first_second =
        entry.certificate() != nullptr ? entry.certificate()->not_before : std::chrono::sys_seconds{};
    auto errors = model::only(model::check_entry(entry, issuer, first_second, model::Dates::ignore), Severity::error);
    std::erase_if(errors, [](const Finding& error) { return model::is_kept_by_renewal(error.rule); });
    if (errors.empty()) continue;
    auto finding = errors.front();
    finding.message.insert(0, "the staged file is not valid: ");
    finding.remedy = "nothing was changed";
    throw Error(Errc::mismatch, std::move(finding));
  }
}

}  // namespace

void check_writable(const Plan& plan) {
  std::vector<std::filesystem::path> needed;
  for (const auto& step : plan.steps) {
    if (step.action() != Action::create && step.action() != Action::renew && step.action() != Action::complete)
      continue;
    needed.push_back(step.path.parent_path());
  }
  if (plan.config_to_save) needed.push_back(plan.layout.kubeconfig_dir);
  if (!needed.empty()) needed.push_back(plan.layout.certificates_dir);
  disk::refuse_unsafe(plan.layout, needed);
}

CommitResult commit(const Bundle& bundle, const Lock& lock, const CommitOptions& options) {
  if (bundle.layout != lock.layout())
    throw Error(Errc::mismatch, bundle.layout.certificates_dir.string(),
                "the lock is that of " + lock.layout().certificates_dir.string());
  if (!bundle.files.empty()) verbs::record_rows(bundle.layout, bundle.catalog);
  auto result = disk::write_transaction(bundle.layout, bundle.files, {}, options,
                                        [&](const disk::ReadBack& read_back) { verify_staged(bundle, read_back); });
  std::ranges::move(verbs::end_requests(bundle), std::back_inserter(result.notes));
  return result;
}

}  // namespace pki::inline PKI_ABI
