// SPDX-License-Identifier: Apache-2.0
#include "power_states.hpp"

#include <algorithm>
#include <functional>

namespace faults {

namespace {

Choice newest(const std::vector<Unknown>& unknowns) {
  Choice choice;
  for (const auto& one : unknowns)
    choice.push_back(one.options - 1);
  return choice;
}

// How many states there are, or that there are more than the limit.
std::size_t product(const std::vector<Unknown>& unknowns, std::size_t limit) {
  std::size_t all = 1;
  for (const auto& one : unknowns)
    if ((all *= one.options) > limit) return limit + 1;
  return all;
}

std::vector<Choice> all_of(const std::vector<Unknown>& unknowns) {
  std::vector<Choice> all{Choice(unknowns.size(), 0)};
  while (true) {
    auto next = all.back();
    std::size_t i = 0;
    while (i < next.size() && ++next[i] == unknowns[i].options)
      next[i++] = 0;
    if (i == next.size()) return all;
    all.push_back(std::move(next));
  }
}

// The calls that a power loss can come before, by their places; all when `limit` is 0.
std::unordered_set<std::size_t> pick_points(const std::vector<Call>& calls, std::size_t limit,
                                            std::mt19937_64& random) {
  std::vector<std::size_t> syncs;
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (calls[i].syncs() && !calls[i].failed()) syncs.push_back(i);
  if (limit > 0) std::shuffle(syncs.begin(), syncs.end(), random);
  if (limit > 0 && syncs.size() > limit) syncs.resize(limit);
  return {syncs.begin(), syncs.end()};
}

std::string to_text(const std::vector<Unknown>& unknowns, const Choice& choice) {
  std::string text;
  std::size_t old = 0;
  for (std::size_t i = 0; i < unknowns.size(); ++i) {
    if (choice[i] + 1 == unknowns[i].options || ++old > 4) continue;
    constexpr const char* what[] = {"the name ", "the data of file ", "the mode of file "};
    const auto kind = static_cast<std::size_t>(unknowns[i].what);
    text += (text.empty() ? "" : ", ") + std::string(what[kind]) +
            (unknowns[i].name.empty() ? std::to_string(unknowns[i].inode) : unknowns[i].name);
  }
  if (old > 4) text += " and " + std::to_string(old - 4) + " more";
  return text.empty() ? "everything reached the disk" : "not on the disk: " + text;
}

}  // namespace

std::vector<Choice> PowerLoss::choices(const std::vector<Unknown>& unknowns) {
  if (product(unknowns, effort_.exhaustive) <= effort_.exhaustive) return ++counts_.complete, all_of(unknowns);
  const auto all_new = newest(unknowns);
  const Choice all_old(unknowns.size(), 0);
  auto names = all_old, data = all_new;
  for (std::size_t i = 0; i < unknowns.size(); ++i)
    if (unknowns[i].what == Unknown::What::name) std::swap(names[i], data[i]);
  std::vector<Choice> some{all_old, all_new, names, data};
  for (std::size_t i = 0; effort_.single && i < unknowns.size(); ++i)
    for (std::size_t option = 0; option < unknowns[i].options; ++option)
      for (const auto* base : {&all_old, &all_new}) {
        some.push_back(*base);
        some.back()[i] = option;
      }
  for (std::size_t n = 0; n < effort_.random; ++n) {
    Choice choice;
    const auto share = random_() % 10;  // of what has not reached the disk, in tenths
    for (const auto& one : unknowns)
      choice.push_back(random_() % 10 < share ? random_() % one.options : one.options - 1);
    some.push_back(std::move(choice));
  }
  return some;
}

void PowerLoss::look(const Form& disk, const std::string& when, bool at_end, const Visit& visit) {
  ++counts_.points;
  const auto unknowns = disk.unknowns();
  for (const auto& choice : choices(unknowns)) {
    auto paths = disk.paths_after(unknowns, choice);
    if (!seen_.insert(digest(paths) + (at_end ? 1 : 0)).second) continue;
    ++counts_.states;
    visit({disk.tree_after(unknowns, choice), std::move(paths), when + ", " + to_text(unknowns, choice), at_end});
  }
}

void PowerLoss::explore(Form disk, const std::vector<Call>& calls, const std::string& site, const Visit& visit) {
  seen_.clear();
  const auto points = pick_points(calls, effort_.points, random_);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (points.contains(i)) look(disk, "power lost before " + to_text(calls[i]), false, visit);
    disk.apply(calls[i], site);
  }
  look(disk, "power lost at the end", true, visit);
}

}  // namespace faults
