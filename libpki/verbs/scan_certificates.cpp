// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/words.hpp"
#include "crypto/certificate_scan.hpp"
#include "disk/permissions.hpp"
#include "disk/unmanaged_files.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "verbs/chains.hpp"

namespace pki::inline PKI_ABI {

namespace {

using crypto::ScannedCertificate;

/// Part identifies certificates within a file.
struct Part {
  std::string name;
  std::string place;
};

/// Reference is a file that a kubeconfig names.
struct Reference {
  std::filesystem::path file;
  std::filesystem::path kubeconfig;
  std::string where;  ///< "users[0] kubernetes-admin"
  std::string owner;
};

std::string_view text_of(const disk::UnmanagedFile& file) { return {file.content.data(), file.content.size()}; }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Part whole(const disk::UnmanagedFile& file) { return {file.path.filename().string(), {}}; }

/// Returns "user kubernetes-admin" for "users[0] kubernetes-admin".
std::string place_of(const std::string& where) {
  const auto blank = where.find(' ');
  const std::string name = blank == std::string::npos ? "" : where.substr(blank + 1);
  return (where.starts_with("users") ? "user " : "cluster ") + name;
}

Part part_of(const disk::UnmanagedFile& file, const std::string& where) {
  return {file.path.filename().string() + " " + where, place_of(where)};
}

bool has_der_name(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 3> extensions{".crt", ".cer", ".der"};
  return std::ranges::find(extensions, base::lower_case(path.extension().string())) != extensions.end();
}

/// Returns whether a file that was named, or is named like a certificate, is expected to hold one. In others a block
/// that does not parse may be an example.
crypto::Claim claim_of(const disk::UnmanagedFile& file) {
  const bool certificates =
      file.named || disk::has_certificate_name(file.path) || crypto::begins_with_certificate(text_of(file));
  return certificates ? crypto::Claim::certificates : crypto::Claim::text;
}

/// Returns why a named file without certificates has none.
std::string why_none(std::string_view content) {
  if (content.empty()) return "is empty";
  if (const auto what = crypto::describe_content(content)) return *what + ", expected a certificate";
  return contains(content, "CERTIFICATE-----") ? "mentions certificates, but holds none" : "holds no certificate";
}

constexpr std::size_t longest_path = 512;

class Collector {
 public:
  explicit Collector(const Inventory* inventory) : chains_(inventory) {}

  /// Sets who renews the certificates of the next files.
  void set_owner(std::string owner) { owner_ = std::move(owner); }

  /// Adds the certificates of a file. Returns whether there are any, or a problem.
  bool add_file(const disk::UnmanagedFile& file) {
    const auto before = size();
    if (!file.problem.empty())
      add_unreadable(file);
    else
      add_content(file);
    return size() > before;
  }

  /// Reads the files that the kubeconfigs name.
  void add_references(disk::UnmanagedFiles& files) {
    for (const auto& reference : std::exchange(references_, {})) {
      reference_ = &reference;
      owner_ = reference.owner;
      files.read_reference(reference.file);
    }
    reference_ = nullptr;
  }

  [[nodiscard]] std::vector<UnmanagedCertificate> result() { return std::move(found_); }

 private:
  [[nodiscard]] std::size_t size() const noexcept { return found_.size() + references_.size(); }

  void add_content(const disk::UnmanagedFile& file) {
    const auto before = size();
    const auto none = [&] { return size() == before; };
    const auto text = text_of(file);
    if (contains(text, "-----BEGIN ")) add_all(file, crypto::scan_pem(text, claim_of(file)), whole(file));
    const bool kubeconfig = contains(text, "client-certificate") || contains(text, "certificate-authority");
    if (none() && kubeconfig && reference_ == nullptr) add_kubeconfig(file);
    if (none() && (file.named || has_der_name(file.path))) add_der(file);
    if (none() && file.named) add_all(file, crypto::scan_quoted_pem(text), whole(file));
    if (none() && file.named) add(file, {{}, why_none(text), 1}, whole(file));
  }

  void add_der(const disk::UnmanagedFile& file) {
    if (auto certificate = crypto::scan_der(text_of(file))) add_all(file, {std::move(*certificate)}, whole(file));
  }

  /// A missing file that a kubeconfig names is a fault of the kubeconfig, one that only root may read is not.
  void add_unreadable(const disk::UnmanagedFile& file) {
    if (reference_ == nullptr || disk::is_denied(file.error)) return add(file, {{}, file.problem, 1}, whole(file));
    const auto& [target, kubeconfig, where, owner] = *reference_;
    const auto problem =
        fmt::format("{}: refers to {}: {}", where, to_plain(target.string(), longest_path), file.problem);
    add(file, {{}, problem, 1}, {kubeconfig.filename().string() + " " + where, place_of(where)});
    found_.back().path = kubeconfig;
    found_.back().owner = owner;
  }

  void add_kubeconfig(const disk::UnmanagedFile& file) {
    const auto text = text_of(file);
    const bool claimed =
        file.named || (disk::has_certificate_name(file.path) &&
                       (contains(text, "client-certificate-data:") || contains(text, "certificate-authority-data:")));
    try {
      for (const auto& certificate : formats::embedded_certificates(file.content, file.path.string()))
        add_embedded(file, certificate);
      for (const auto& [where, target, problem] : formats::certificate_references(file.content, file.path)) {
        if (problem.empty())
          references_.push_back({target, file.path, where, owner_});
        else
          add(file, {{}, fmt::format("{}: {}", where, problem), 1}, part_of(file, where));
      }
    } catch (const Error& error) {
      // In a directory this may be any text that happens to contain such a word.
      const auto problem = error.subject() == file.path.string() ? error.message() : std::string(error.what());
      if (claimed) add(file, {{}, problem, 1}, whole(file));
    }
  }

  void add_embedded(const disk::UnmanagedFile& file, const formats::EmbeddedCertificate& embedded) {
    const auto part = part_of(file, embedded.where);
    auto found = crypto::scan_pem(embedded.pem, crypto::Claim::certificates);
    const auto problem = embedded.problem.empty() ? "holds no certificate" : embedded.problem;
    if (found.empty()) return add(file, {{}, fmt::format("{}: {}", embedded.where, problem), 1}, part);
    add_all(file, std::move(found), part);
  }

  void add_all(const disk::UnmanagedFile& file, std::vector<ScannedCertificate> found, const Part& part) {
    const bool several = found.size() > 1;
    const auto before = found_.size();
    const bool other_critical = !found.empty() && found.front().other_critical;
    for (auto& each : found) {
      const auto number = several ? fmt::format(" #{}", each.number) : std::string();
      add(file, std::move(each), {part.name + number, part.place});
    }
    const auto added = std::span(found_).subspan(before);
    chains_.judge(added, reference_ == nullptr ? part.place : place_of(reference_->where), other_critical);
    std::ranges::for_each(added, &Collector::forget_texts);
  }

  void add(const disk::UnmanagedFile& file, ScannedCertificate scanned, const Part& part) {
    auto& result = found_.emplace_back();
    result.name = part.name;
    result.path = file.path;
    result.owner = owner_;
    result.certificate = std::move(scanned.certificate);
    result.problem = std::move(scanned.problem);
    result.place = part.place;
    result.number = scanned.number;
  }

  // A report does not need these texts, and there may be thousands of certificates. Assigning an empty text would keep
  // the memory.
  static void forget_texts(UnmanagedCertificate& found) {
    if (!found.certificate) return;
    for (auto* text : {&found.certificate->pem, &found.certificate->subject_der, &found.certificate->issuer_der})
      std::string().swap(*text);
  }

  verbs::UnmanagedChains chains_;
  std::string owner_;
  const Reference* reference_{nullptr};  ///< that is being read
  std::vector<Reference> references_;    ///< that are still to be read
  std::vector<UnmanagedCertificate> found_;
};

}  // namespace

Scan scan_certificates(const std::filesystem::path& kubelet_dir, const std::vector<std::filesystem::path>& also,
                       const ScanOptions& options) {
  Collector collector(options.inventory);
  collector.set_owner("kubelet");
  disk::UnmanagedFiles files([&](const disk::UnmanagedFile& file) {
    const bool reported = collector.add_file(file);
    if (options.progress) options.progress(files.count());
    return reported;
  });
  if (!kubelet_dir.empty())
    for (const auto* name : {"kubelet-client-current.pem", "kubelet-server-current.pem", "kubelet.crt"})
      files.read_optional(kubelet_dir / name);
  collector.set_owner("unknown");
  for (const auto& path : also)
    files.read(path);
  collector.add_references(files);
  return {collector.result(), files.count()};
}

}  // namespace pki::inline PKI_ABI
