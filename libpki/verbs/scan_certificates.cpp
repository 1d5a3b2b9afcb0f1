#include <pki/report.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "disk/unmanaged_files.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"

namespace pki::inline PKI_ABI {

namespace {

constexpr std::string_view begin_certificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_certificate = "-----END CERTIFICATE-----";

/// Part identifies certificates within a file.
struct Part {
  std::string name;
  std::string place;
};

/// Piece is one certificate, or the reason why it cannot be read.
struct Piece {
  std::optional<Certificate> certificate;
  std::string problem;
  std::size_t number{1};  ///< the position in the file
};

std::string problem_of(const Error& error, const std::string& subject) {
  return error.subject() == subject ? error.message() : error.what();
}

// The parser counts a block that it reads alone as number 1.
std::string renumber(const std::string& problem, std::size_t number) {
  constexpr std::string_view first = "certificate 1";
  return "certificate " + std::to_string(number) +
         (problem.starts_with(first) ? problem.substr(first.size()) : ": " + problem);
}

// Reads the first block, which ends with its END line, or before the next BEGIN line where that comes first.
Piece read_block(std::string_view& pem, const std::string& subject, std::size_t number) {
  const auto own = pem.substr(0, pem.find(begin_certificate, 1));
  const auto end = own.find(end_certificate);
  if (end == std::string_view::npos) {
    pem.remove_prefix(own.size());
    return {std::nullopt, fmt::format("certificate {} has no END line", number), number};
  }
  const auto block = own.substr(0, end + end_certificate.size());
  pem.remove_prefix(block.size());
  try {
    return {std::move(parse_certificates(block, subject).front()), {}, number};
  } catch (const Error& error) {
    return {std::nullopt, renumber(problem_of(error, subject), number), number};
  }
}

// Reads each block separately, so that an invalid one does not hide the others. All invalid ones together are one
// piece, because a text of ten thousand BEGIN lines is one thing that is wrong.
std::vector<Piece> read_blocks(std::string_view pem, const std::string& subject) {
  std::vector<Piece> pieces;
  std::size_t number = 0;
  std::size_t invalid = 0;
  std::size_t first_invalid = 0;
  for (auto begin = pem.find(begin_certificate); begin != std::string_view::npos; begin = pem.find(begin_certificate)) {
    pem.remove_prefix(begin);
    auto piece = read_block(pem, subject, ++number);
    const bool valid = piece.certificate.has_value();
    if (!valid && ++invalid == 1) first_invalid = pieces.size();
    if (valid || invalid == 1) pieces.push_back(std::move(piece));
  }
  if (invalid > 1) pieces[first_invalid].problem += fmt::format("; {} more are invalid", invalid - 1);
  return pieces;
}

std::vector<Piece> read_pem(std::string_view pem, const std::string& subject) {
  try {
    std::vector<Piece> pieces;
    for (auto& certificate : parse_certificates(pem, subject))
      pieces.push_back({std::move(certificate), {}, pieces.size() + 1});
    return pieces;
  } catch (const Error& error) {
    auto pieces = read_blocks(pem, subject);
    if (pieces.empty()) pieces.push_back({std::nullopt, problem_of(error, subject)});
    return pieces;
  }
}

class Collector {
 public:
  void add_file(const disk::UnmanagedFile& file, const std::string& owner) {
    const std::string_view content(file.content.data(), file.content.size());
    const bool pem = content.find(begin_certificate) != std::string_view::npos;
    const bool kubeconfig = !pem && (content.find("-certificate-data") != std::string_view::npos ||
                                     content.find("certificate-authority-data") != std::string_view::npos);
    if (!file.problem.empty())
      add(file, owner, {std::nullopt, file.problem}, {file.path.filename().string(), {}});
    else if (pem)
      add_all(file, owner, content, {file.path.filename().string(), {}});
    else if (kubeconfig)
      add_kubeconfig(file, owner);
    else if (file.named)
      add(file, owner, {std::nullopt, content.empty() ? "is empty" : "holds no certificate"},
          {file.path.filename().string(), {}});
  }

  [[nodiscard]] std::vector<UnmanagedCertificate> result() { return std::move(found_); }

 private:
  void add_kubeconfig(const disk::UnmanagedFile& file, const std::string& owner) {
    const auto name = file.path.filename().string();
    try {
      for (const auto& embedded : formats::embedded_certificates(file.content, file.path.string())) {
        const Part part{name + " " + embedded.where, place_of(embedded.where)};
        if (embedded.problem.empty())
          add_all(file, owner, embedded.pem, part);
        else
          add(file, owner, {std::nullopt, embedded.where + ": " + embedded.problem}, part);
      }
    } catch (const Error& error) {
      // In a directory this may be any text that happens to contain such a word.
      if (file.named) add(file, owner, {std::nullopt, problem_of(error, file.path.string())}, {name, {}});
    }
  }

  // Returns "user kubernetes-admin" for "users[0] kubernetes-admin".
  static std::string place_of(const std::string& where) {
    const auto blank = where.find(' ');
    const std::string name = blank == std::string::npos ? "" : where.substr(blank + 1);
    return (where.starts_with("users") ? "user " : "cluster ") + name;
  }

  void add_all(const disk::UnmanagedFile& file, const std::string& owner, std::string_view pem, const Part& part) {
    auto pieces = read_pem(pem, file.path.string());
    const bool several = pieces.size() > 1;
    for (auto& piece : pieces) {
      const auto number = several ? fmt::format(" #{}", piece.number) : std::string();
      add(file, owner, std::move(piece), {part.name + number, part.place});
    }
  }

  void add(const disk::UnmanagedFile& file, const std::string& owner, Piece piece, const Part& part) {
    if (piece.certificate) {
      // A report does not need these texts, and there may be thousands of certificates. Assigning an empty text would
      // keep the memory.
      for (auto* text : {&piece.certificate->pem, &piece.certificate->subject_der, &piece.certificate->issuer_der})
        std::string().swap(*text);
    }
    found_.push_back({part.name, file.path, owner, std::move(piece.certificate), std::move(piece.problem), part.place});
  }

  std::vector<UnmanagedCertificate> found_;
};

}  // namespace

std::vector<UnmanagedCertificate> scan_certificates(const std::filesystem::path& kubelet_dir,
                                                    const std::vector<std::filesystem::path>& also) {
  Collector collector;
  std::string owner = "kubelet";
  disk::UnmanagedFiles files([&](const disk::UnmanagedFile& file) { collector.add_file(file, owner); });
  if (!kubelet_dir.empty())
    for (const auto* name : {"kubelet-client-current.pem", "kubelet-server-current.pem", "kubelet.crt"})
      files.read_optional(kubelet_dir / name);
  owner = "unknown";
  for (const auto& path : also)
    files.read(path);
  return collector.result();
}

}  // namespace pki::inline PKI_ABI
