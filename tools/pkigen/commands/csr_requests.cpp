// SPDX-License-Identifier: Apache-2.0
#include "commands/csr_requests.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/command.hpp"
#include "commands/failure.hpp"
#include "commands/roll_out.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"
#include "print/request_text.hpp"

namespace cli {

namespace {

// A cluster without a configuration of its own keeps what its certificates say.
bool is_configured(const Request& request, const Session& session) {
  return request.file || session.inventory.saved_config || !request.settings.empty();
}

// The configuration that the requests were made with is that of the certificates to come.
void save_config(const pki::Plan& plan, const Session& session, const WriteOptions& write, const char* command,
                 std::chrono::sys_seconds now) {
  if (!plan.config_to_save) return;
  pki::Bundle bundle{.catalog = plan.catalog, .layout = plan.layout, .files = {}, .issued = {}};
  const auto text = pki::to_yaml(*plan.config_to_save);
  bundle.files.push_back({plan.layout.saved_config(), 0644, {text.begin(), text.end()}});
  warn(pki::commit(bundle, *session.lock, commit_options(command, write, now)).notes);
}

}  // namespace

pki::Plan plan_requests(const RequestChoice& choice, const Rows& rows, const Request& request, const Session& session,
                        std::chrono::sys_seconds now) {
  const pki::RequestOptions wanted{.rows = rows,
                                   .if_due = pki::parse_window(choice.within),
                                   .reuse_key = choice.reuse_key,
                                   .keep_identity = !is_configured(request, session)};
  auto plan = pki::plan_request(session.config->config.value(), session.inventory, now, wanted);
  warn(plan.warnings);
  refuse_conflicts(plan.conflicts, plan.layout.certificates_dir.string(), "requested");
  return plan;
}

std::vector<pki::WaitingRequest> make_and_save(const pki::Plan& plan, const Session& session, const WriteOptions& write,
                                               const char* command, std::chrono::sys_seconds now) {
  std::vector<pki::WaitingRequest> made;
  {
    ProgressLine progress;
    made = pki::make_requests(plan, session.inventory, now, {.progress = progress.callback()});
  }
  save_config(plan, session, write, command, now);
  pki::save_requests(*session.lock, made);
  return made;
}

std::vector<pki::WaitingRequest> with_waiting(std::vector<pki::WaitingRequest> made, const Session& session,
                                              const Rows& rows) {
  for (auto& waiting : pki::read_requests(session.inventory)) {
    const auto is_it = [&](const auto* row) { return row->name == waiting.row; };
    if (rows.empty() || std::ranges::any_of(rows, is_it)) made.push_back(std::move(waiting));
  }
  const auto all = session.inventory.catalog.rows();
  std::ranges::sort(made, {}, [&](const pki::WaitingRequest& one) {
    return std::ranges::find(all, one.row, &pki::CatalogRow::name) - all.begin();
  });
  return made;
}

pki::Imported import_answers(const std::vector<pki::Answer>& answers, const Session& session, const WriteOptions& write,
                             const RollOutOptions& options, const char* command, std::chrono::sys_seconds now) {
  const auto import = pki::plan_import(session.inventory, pki::read_requests(session.inventory), answers, now);
  warn(import.warnings);
  refuse_conflicts(import.conflicts, session.layout().certificates_dir.string(), "imported");
  pki::Imported imported{.issued = import.bundle.issued, .dry_run = !session.lock, .written = {}, .failures = {}};
  if (imported.dry_run) return imported;
  Rows rows;
  std::ranges::transform(imported.issued, std::back_inserter(rows), &pki::Issued::row);
  const Hooks hooks(options.hooks, session.layout(), command);
  RollOut roll_out(session, "imported");
  bool written = false;
  imported.failures = roll_out.surround(rows, hooks, [&] {
    roll_out.record(session, rows, hooks, options.pods);
    imported.written = pki::commit(import.bundle, *session.lock, commit_options(command, write, now));
    written = true;
    warn(imported.written.notes);
    return roll_out.carry_out(session, hooks, options.pods);
  });
  if (!written) throw NotCarriedOut(std::move(imported.failures));
  return imported;
}

int report_import(pki::Imported imported, const pki::Layout& layout, const std::string& output) {
  imported.failures = in_words(std::move(imported.failures));
  print(output == "json" ? to_json(imported) : to_text(imported, layout));
  fail(imported.failures);
  return imported.failures.empty() ? ok : failed;
}

void add_request_options(CLI::App& command, RequestChoice& choice) {
  command
      .add_option("--within", choice.within, "Request what expires within this time, or share of its validity [30d]")
      ->option_text("TIME");
  command.add_flag("--reuse-key", choice.reuse_key, "Request certificates for the keys that are here");
}

}  // namespace cli
