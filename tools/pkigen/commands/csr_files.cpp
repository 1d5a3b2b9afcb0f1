// SPDX-License-Identifier: Apache-2.0
#include "commands/csr_files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include <pki/catalog.hpp>
#include <pki/error.hpp>
#include <pki/report.hpp>

#include "host/text_file.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_mebibytes = 16;
constexpr std::array<std::string_view, 3> request_endings{".csr", ".req", ".pem"};
constexpr std::array<std::string_view, 3> certificate_endings{".crt", ".cer", ".pem"};
constexpr std::string_view etcd = "etcd";

bool is_document(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

std::string without_ending(std::string name, std::span<const std::string_view> endings) {
  for (const auto ending : endings)
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

// kubeadm writes the requests of etcd into a directory of that name.
std::string row_of(const fs::path& file, std::span<const std::string_view> endings, const pki::Catalog& catalog) {
  const auto name = without_ending(file.filename().string(), endings);
  if (fs::absolute(file).parent_path().filename() == etcd)
    if (const auto* row = catalog.try_find_row("etcd/" + name)) return std::string(row->name);
  const auto* row = catalog.try_find_row(name);
  return row == nullptr ? std::string() : std::string(row->name);
}

// One kind of file only: a directory may hold both the requests and the certificates.
std::vector<fs::path> files_in(const fs::path& directory, std::string_view ending, const char* expected) {
  std::vector<fs::path> files;
  for (const auto& place : {directory, directory / etcd}) {
    std::error_code absent;
    for (const auto& each : fs::directory_iterator(place, absent))
      if (each.path().extension() == ending) files.push_back(each.path());
    if (absent && place == directory)
      throw pki::Error(pki::Errc::io, directory.string(), "cannot read: " + absent.message());
  }
  if (files.empty())
    throw pki::Error(pki::Errc::not_found, directory.string(), fmt::format("no {} in this directory", expected));
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> all_files(const std::vector<std::string>& paths, std::string_view ending,
                                   const char* expected) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    if (path == "-" || !fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& file : files_in(path, ending, expected))
      files.push_back(file.string());
  }
  return files;
}

void write_text(const fs::path& path, std::string_view text) { pki::save_report(fs::absolute(path), text); }

void write_bundle(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  if (path == "-")
    print(text);
  else
    write_text(path, text);
}

void make_directory(const std::string& path) {
  if (path.empty()) return;
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) throw pki::Error(pki::Errc::io, path, "cannot make this directory: " + failure.message());
}

std::string pem_of(const pki::Answer& answer) {
  std::string pem;
  for (const auto& certificate : answer.chain)
    pem += certificate.pem;
  return pem;
}

std::string name_of(const pki::Answer& answer) {
  return answer.row.empty() ? without_ending(fs::path(answer.source).filename().string(), request_endings) : answer.row;
}

}  // namespace

pki::RequestBundle read_requests_from(const std::vector<std::string>& paths, const pki::Catalog* catalog) {
  pki::RequestBundle all;
  const auto files = all_files(paths, ".csr", "file NAME.csr");
  for (const auto& file : files) {
    const auto text = read_text_file(file, most_mebibytes, "a request or a bundle");
    if (is_document(text)) {
      auto bundle = pki::parse_request_bundle(text, file);
      std::ranges::move(bundle.items, std::back_inserter(all.items));
      if (files.size() == 1) all.digest = std::move(bundle.digest);
      continue;
    }
    for (auto& request : pki::parse_requests(text, file)) {
      pki::RequestItem item;
      if (catalog != nullptr) item.row = row_of(file, request_endings, *catalog);
      item.source = file;
      item.request = std::move(request);
      all.items.push_back(std::move(item));
    }
  }
  if (catalog == nullptr)
    for (auto& item : all.items)
      item.row.clear();
  return all;
}

std::vector<pki::Answer> read_answers_from(const std::vector<std::string>& paths, const pki::Catalog& catalog) {
  std::vector<pki::Answer> answers;
  for (const auto& file : all_files(paths, ".crt", "file NAME.crt")) {
    const auto text = read_text_file(file, most_mebibytes, "a certificate or a bundle");
    if (is_document(text)) {
      auto bundle = pki::parse_answer_bundle(text, file);
      std::ranges::move(bundle.answers, std::back_inserter(answers));
      continue;
    }
    pki::Answer answer;
    answer.row = row_of(file, certificate_endings, catalog);
    answer.source = file;
    answer.chain = pki::parse_certificates(text, file);
    answers.push_back(std::move(answer));
  }
  return answers;
}

void write_requests(const Outputs& outputs, const pki::RequestBundle& bundle) {
  make_directory(outputs.directory);
  if (!outputs.directory.empty())
    for (const auto& item : bundle.items)
      write_text(fs::path(outputs.directory) / (item.row + ".csr"), item.request.pem);
  write_bundle(outputs.bundle, to_json(bundle));
}

void write_answers(const Outputs& outputs, const pki::AnswerBundle& bundle) {
  make_directory(outputs.directory);
  if (!outputs.directory.empty())
    for (const auto& answer : bundle.answers)
      write_text(fs::path(outputs.directory) / (name_of(answer) + ".crt"), pem_of(answer));
  write_bundle(outputs.bundle, to_json(bundle));
}

}  // namespace cli
