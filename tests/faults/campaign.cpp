// SPDX-License-Identifier: Apache-2.0
#include "campaign.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <random>
#include <stdexcept>

#include "form.hpp"
#include "lint.hpp"

namespace faults {

namespace {

using What = Injection::What;

constexpr int all_errors[] = {ENOSPC, EDQUOT, EIO, EROFS, EACCES, EMFILE, ENOMEM, EINTR};
constexpr int reading_errors[] = {EIO, EACCES, EMFILE, ENOMEM, EINTR};
const Words recover{"recover"};

/// Stratum is the cases that are alike; a sample takes one of each in turn.
using Strata = std::map<std::string, std::vector<Case>>;

std::string kind_of(const Call& call) {
  std::string kind(call.name());
  if (call.mutates) kind += "!";
  if (call.fd == 1 || call.fd == 2) return kind + " std";
  return kind + (call.path.find(".pkigen-txn") != std::string::npos ? " txn" : "");
}

void add(Strata& strata, const std::string& kind, const Case& one) {
  strata[kind + " " + errno_name(one.injection.error) + (one.injection.sticky ? " sticky" : "")].push_back(one);
}

Strata plan_kills(const Outcome& reference, Case::Kind kind) {
  Strata strata;
  for (const auto& call : reference.calls) {
    if (!call.mutates) continue;
    for (const auto what : {What::kill_before, What::kill_after}) {
      // After a sync or a close the disk looks as before it: once is enough where each costs a hundred runs.
      if (kind == Case::Kind::compound && (what == What::kill_after || call.syncs() || call.name() == "close"))
        continue;
      add(strata, kind_of(call), {kind, {what, call.number, 0, false}, 0});
    }
  }
  return strata;
}

// Returns whether a call looks at a file of a row in its final place.
bool reads_row(const Call& call) {
  const std::filesystem::path path(call.path);
  const auto extension = path.extension();
  return !call.mutates && (extension == ".crt" || extension == ".key" || extension == ".conf") &&
         call.path.find(".pkigen") == std::string::npos;
}

Strata plan_errors(const Outcome& reference, bool all, bool only_rows) {
  Strata strata;
  for (const auto& call : reference.calls) {
    // A sample has better use for its runs than errors after the plan, or those that leave nothing to renew.
    if (only_rows && !all && call.mutates && call.path.find(".pkigen-txn") != std::string::npos) break;
    for (const bool sticky : {false, true}) {
      if (all && !sticky) continue;
      if (only_rows && (!reads_row(call) || (sticky && !all))) continue;
      const auto fail = [&](int error) {
        add(strata, kind_of(call), {Case::Kind::error, {What::fail, call.number, error, sticky}, 0, all});
      };
      if (call.mutates)
        std::for_each(std::begin(all_errors), std::end(all_errors), fail);
      else
        std::for_each(std::begin(reading_errors), std::end(reading_errors), fail);
      if (call.writes_data())
        add(strata, kind_of(call) + " short", {Case::Kind::error, {What::short_write, call.number, 0, sticky}, 0, all});
    }
  }
  return strata;
}

// take goes round the strata until there are enough; within a stratum, and among them, by chance.
void take(Strata strata, std::size_t limit, std::mt19937_64& random, std::vector<Case>& cases) {
  std::vector<std::vector<Case>> piles;
  for (auto& [kind, pile] : strata)
    piles.push_back(std::move(pile));
  if (limit > 0)
    for (auto& pile : piles)
      std::shuffle(pile.begin(), pile.end(), random);
  if (limit > 0) std::shuffle(piles.begin(), piles.end(), random);
  std::size_t taken = 0;
  for (std::size_t depth = 0, left = 1; left > 0; ++depth) {
    left = 0;
    for (const auto& pile : piles) {
      if (depth >= pile.size() || (limit > 0 && taken >= limit)) continue;
      cases.push_back(pile[depth]);
      ++taken, ++left;
    }
  }
}

/// Play is one case under way.
class Play {
 public:
  Play(const Workplace& place, const Scenario& scenario, SharedSet& seen)
      : place_(place), scenario_(scenario), seen_(seen) {}

  Result kill(const Case& one) {
    const auto killed = run_killed(scenario_.before, scenario_.row->run, one.injection);
    const auto instant = look(place_, scenario_, result_.findings);
    const auto form = form_after(killed.calls);
    expect_equal(form, instant.tree);
    if (form.digest() != form_after(calls_until(one.injection)).digest())
      throw std::runtime_error("a killed run does not go the way of one that is not");
    settle(instant, one.injection.what == What::kill_after && !scenario_.row->once);
    return std::move(result_);
  }

  Result error(const Case& one) {
    const auto times = fail(one.injection);
    if (!one.both) return std::move(result_);
    auto once = one.injection;
    once.sticky = false;
    if (times > 1)
      (void)fail(once);
    else
      ++result_.runs;  // no second call of the kind came: the run was the same
    return std::move(result_);
  }

  // One kill of the recovery, for real.
  Result compound(const Case& one) {
    const auto first = disturb(scenario_.before, scenario_.row->run, one.injection);
    const auto whole = trace(place_.command(recover));
    add_lint(whole);
    std::vector<Injection> kills;
    for (const auto& call : whole.calls)
      if (call.mutates)
        for (const auto what : {What::kill_before, What::kill_after})
          kills.push_back({what, call.number, 0, false});
    if (kills.empty()) return std::move(result_);
    const auto second = disturb(first.tree, recover, kills[one.second % kills.size()]);
    ++result_.pairs;
    settle(second, false);
    check_committed(first, second);
    return std::move(result_);
  }

  // Every kill of the recovery. The state that a kill leaves on the disk follows from the calls before it, so the
  // undisturbed run yields the tree of the first kill, as each kill made for real confirms, and one traced recovery
  // those of all second ones. At its end the computed tree is compared with the disk.
  Result compounds(const Case& one) {
    auto form = form_after(calls_until(one.injection));
    write_tree(place_.site(), form.tree());
    const auto first = look(place_, scenario_, result_.findings);
    const auto whole = trace(place_.command(recover));
    add_lint(whole);
    std::vector<Tree> trees;
    const auto note = [&] {
      // What was committed first must stay, so it matters, too.
      if (seen_.insert(key_of(form, first))) trees.push_back(form.tree());
    };
    note();
    for (const auto& call : whole.calls) {
      form.apply(call, place_.site().string());
      if (call.mutates) result_.pairs += 2;
      if (call.mutates && !call.failed() && !call.syncs() && call.name() != "close") note();
    }
    expect_equal(form, read_tree(place_.site()));
    for (const auto& tree : trees) {
      ++result_.runs;
      write_tree(place_.site(), tree);
      const auto second = look(place_, scenario_, result_.findings);
      const auto outcome = faults::run(place_.command(recover));
      const auto now = look(place_, scenario_, result_.findings);
      check_settled(scenario_, outcome, second, now, false, result_.findings);
      check_committed(first, second);
    }
    return std::move(result_);
  }

 private:
  Outcome run_killed(const Tree& from, const Words& words, const Injection& injection) {
    write_tree(place_.site(), from);
    auto outcome = trace(place_.command(words), injection);
    ++result_.runs;
    if (outcome.signal != SIGKILL) result_.findings.push_back({Fault::hung, "was not killed: " + to_text(injection)});
    return outcome;
  }

  Instant disturb(const Tree& from, const Words& words, const Injection& injection) {
    (void)run_killed(from, words, injection);
    return look(place_, scenario_, result_.findings);
  }

  // Returns the form of the disk after these calls, from the state before.
  [[nodiscard]] Form form_after(const std::vector<Call>& calls) const {
    Form form(scenario_.before);
    for (const auto& call : calls)
      form.apply(call, place_.site().string());
    return form;
  }

  // Returns the calls of the undisturbed run that a killed one makes, too.
  [[nodiscard]] std::vector<Call> calls_until(const Injection& kill) const {
    std::vector<Call> calls;
    for (const auto& call : scenario_.reference.calls)
      if (call.number < kill.number || (call.number == kill.number && kill.what == What::kill_after))
        calls.push_back(call);
    return calls;
  }

  static std::uint64_t key_of(const Form& form, const Instant& instant) {
    std::uint64_t key = form.digest();
    for (const auto side : instant.sides)
      key = mix(key, static_cast<std::uint64_t>(side));
    return key;
  }

  static void expect_equal(const Form& form, const Tree& disk) {
    if (form.tree() != disk) throw std::runtime_error("the calls do not tell what is on the disk");
  }

  // Returns the number of calls that failed.
  std::size_t fail(const Injection& injection) {
    write_tree(place_.site(), scenario_.before);
    const auto outcome = trace(place_.command(scenario_.row->run), injection);
    ++result_.runs;
    if (!outcome.injected) return 0;  // an earlier retry shortened the run; nothing was disturbed
    const auto kept = reported_as_kept(scenario_, outcome);
    const auto instant = look(place_, scenario_, result_.findings, kept);
    check_exit(scenario_, injection, outcome, instant, result_.findings);
    add_lint(outcome);
    if (outcome.status == 0) ++result_.coped;
    // The order of calls of a recovery is checked after each kill, and tracing costs half of the time.
    const bool again = !scenario_.row->toggles && !scenario_.row->once && (injection.number + injection.error) % 2 == 0;
    const auto form = form_after(outcome.calls);
    expect_equal(form, instant.tree);
    auto key = mix(key_of(form, instant), again ? 1 : 2);
    if (!again)
      for (const auto& row : kept)
        key = mix(key, std::hash<std::string>()(row));
    if (seen_.insert(key)) {
      ++result_.settled;
      settle(instant, again, false, again ? Kept{} : kept);
    }
    const auto times =
        std::count_if(outcome.calls.begin(), outcome.calls.end(), [](const Call& c) { return c.injected; });
    return static_cast<std::size_t>(times);
  }

  void settle(const Instant& instant, bool again, bool traced = true, const Kept& kept = {}) {
    const auto command = place_.command(again ? scenario_.row->run : recover);
    const auto outcome = traced ? trace(command) : faults::run(command);
    const auto now = look(place_, scenario_, result_.findings, kept);
    check_settled(scenario_, outcome, instant, now, again, result_.findings);
    if (traced) add_lint(outcome);
  }

  // Roots that the first kill left committed stay committed, whatever happens to the recovery.
  void check_committed(const Instant& first, const Instant& second) {
    for (std::size_t root = 0; root < first.sides.size(); ++root)
      if (first.sides[root] == Side::new_files && second.roots[root] != first.roots[root])
        result_.findings.push_back({Fault::torn, "an interrupted recovery changed new files"});
  }

  void add_lint(const Outcome& outcome) {
    auto more = lint(outcome, place_.site().string());
    result_.findings.insert(result_.findings.end(), more.begin(), more.end());
  }

  const Workplace& place_;
  const Scenario& scenario_;
  SharedSet& seen_;
  Result result_;
};

}  // namespace

Points count_points(const Outcome& reference) {
  const auto mutating =
      std::count_if(reference.calls.begin(), reference.calls.end(), [](const Call& c) { return c.mutates; });
  return {reference.calls.size(), static_cast<std::size_t>(mutating)};
}

std::vector<Case> plan_cases(const Scenario& scenario, const Sample& sample) {
  std::mt19937_64 random(sample.seed);
  std::vector<Case> cases;
  const bool only_rows = scenario.row->partial;
  if (!only_rows) take(plan_kills(scenario.reference, Case::Kind::kill), sample.kills, random, cases);
  take(plan_errors(scenario.reference, sample.errors == 0, only_rows), sample.errors, random, cases);
  if (only_rows) return cases;
  const auto from = cases.size();
  take(plan_kills(scenario.reference, Case::Kind::compound), sample.compounds, random, cases);
  if (sample.compounds > 0)
    for (auto one = cases.begin() + static_cast<std::ptrdiff_t>(from); one != cases.end(); ++one)
      one->second = static_cast<std::uint32_t>(random() % 100'000 + 1);
  return cases;
}

Result play(const Workplace& place, const Scenario& scenario, const Case& one, SharedSet& seen) {
  Play play(place, scenario, seen);
  switch (one.kind) {
    case Case::Kind::kill:
      return play.kill(one);
    case Case::Kind::error:
      return play.error(one);
    case Case::Kind::compound:
      break;
  }
  return one.second == 0 ? play.compounds(one) : play.compound(one);
}

}  // namespace faults
