// SPDX-License-Identifier: Apache-2.0
// Stops pkigen when it is about to exit and searches its memory for fragments of private keys. See README.md.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "key_fragments.hpp"
#include "scenario.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

Words make(const char* algorithm) {
  return {"init",   "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
          algorithm};
}

/// Search is one look at the memory of a process.
struct Search {
  std::filesystem::path site;
  bool plant{false};  ///< put a fragment of a key into the process first, to see it found
  std::size_t fragments{0};
  std::size_t bytes{0};
  std::size_t hits{0};
  bool could_read{false};
  std::set<std::string> places;
};

void fill(KeyFragments& fragments, const std::filesystem::path& site) {
  for (const auto& [path, node] : read_tree(site))
    if (node.kind == Node::Kind::file && holds_secret(node.content)) fragments.add(path, node.content);
}

void search_in(const std::string& memory, const std::string& mapping, const KeyFragments& fragments, Search& search) {
  search.bytes += memory.size();
  for (auto hit = fragments.find(memory, 0); hit.fragment != nullptr; hit = fragments.find(memory, hit.place + 1)) {
    ++search.hits;
    char place[32];
    std::snprintf(place, sizeof place, "+%zx", hit.place);
    search.places.insert(mapping + place + ": " + hit.fragment->what);
  }
}

// Every writable mapping; a read-only one came from a file.
void search_memory(int process, void* context) {
  auto& search = *static_cast<Search*>(context);
  KeyFragments fragments;
  fill(fragments, search.site);
  search.fragments = fragments.size();
  const auto base = "/proc/" + std::to_string(process);
  const int fd = ::open((base + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  std::ifstream maps(base + "/maps");
  for (std::string line; fd >= 0 && std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    char access[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, access) != 3 || access[1] != 'w') continue;
    std::string memory(to - from, '\0');
    const auto size = ::pread(fd, memory.data(), memory.size(), static_cast<off_t>(from));
    if (size <= 0) continue;
    search.could_read = true;
    memory.resize(static_cast<std::size_t>(size));
    const auto name = line.find('/') != std::string::npos   ? line.substr(line.find('/'))
                      : line.find('[') != std::string::npos ? line.substr(line.find('['))
                                                            : "anonymous " + line.substr(0, line.find(' '));
    search_in(memory, name, fragments, search);
  }
  if (fd >= 0) ::close(fd);
}

bool look_at(const Workplace& place, const char* title, const Words& words, Summary& summary) {
  Search search{.site = place.site(), .places = {}};
  const auto outcome = trace(place.command(words), {}, search_memory, &search);
  std::printf("%-28s exit %d %7zu fragments %9zu KiB of memory %6zu hits\n", title, outcome.status, search.fragments,
              search.bytes / 1024, search.hits);
  summary.add("runs", 1);
  summary.add("key fragments searched for", search.fragments);
  summary.add("KiB of memory", search.bytes / 1024);
  summary.add("found", search.hits);
  std::size_t shown = 0;
  for (const auto& where : search.places)
    if (++shown <= 8) std::printf("  %s\n", where.c_str());
  if (outcome.status != 0) std::printf("%s", outcome.err.c_str());
  return search.could_read && outcome.status == 0 && search.fragments > 0 && search.hits == 0;
}

// The search itself must be able to find: a flag of the command line is certainly in memory.
bool can_find(const Workplace& place) {
  Search search{.site = place.site(), .places = {}};
  struct Both {
    Search* search;
    bool found;
  } both{&search, false};
  const auto look = [](int process, void* context) {
    const auto base = "/proc/" + std::to_string(process);
    const int fd = ::open((base + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    std::ifstream maps(base + "/maps");
    for (std::string line; fd >= 0 && std::getline(maps, line);) {
      unsigned long from = 0, to = 0;
      if (std::sscanf(line.c_str(), "%lx-%lx rw", &from, &to) != 2) continue;
      std::string memory(to - from, '\0');
      if (::pread(fd, memory.data(), memory.size(), static_cast<off_t>(from)) <= 0) continue;
      if (memory.find("--apiserver-advertise-address") != std::string::npos) static_cast<Both*>(context)->found = true;
    }
    if (fd >= 0) ::close(fd);
  };
  (void)trace(place.command(make("ECDSA-P256")), {}, look, &both);
  return both.found;
}

bool life(const Workplace& place, const char* algorithm, Summary& summary) {
  write_tree(place.site(), {});
  bool good = look_at(place, (std::string("init, ") + algorithm).c_str(), make(algorithm), summary);
  for (const Words& words : {Words{"check-expiration"}, Words{"renew", "all"}, Words{"undo"}, Words{"recover"}}) {
    if (!has_command(place, words.front())) {
      std::printf("%-28s skipped: no such command\n", words.front().c_str());
      continue;
    }
    good = look_at(place, (words.front() + ", " + algorithm).c_str(), words, summary) && good;
  }
  return good;
}

// The keys of requests wait in files of their own until their certificates come.
bool requests(const Workplace& place, const char* algorithm, Summary& summary) {
  bool good = true;
  for (const char* name : {"csr create", "csr import"}) {
    auto row = row_named(name);
    row.prepare.front().back() = algorithm;
    prepare(place, row);
    good = look_at(place, (std::string(name) + ", " + algorithm).c_str(), row.run, summary) && good;
  }
  return good;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 2) {
    std::fputs("usage: residue PROGRAM\n", stderr);
    return wrong_usage;
  }
  if (::geteuid() != 0) {
    std::puts("skipped: the memory of a process that is not dumpable is for root only");
    return skipped;
  }
  const TempDir base(memory_dir());
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  const Workplace place{std::filesystem::absolute(argv[1]), base.path()};
  write_tree(place.site(), {});
  if (!can_find(place)) {
    std::puts("cannot find a string that must be in memory: the search proves nothing");
    return 1;
  }
  bool good = true;
  for (const char* algorithm : {"ECDSA-P256", "RSA-2048"}) {
    good = life(place, algorithm, summary) && good;
    good = requests(place, algorithm, summary) && good;
  }
  return good ? 0 : 1;
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
