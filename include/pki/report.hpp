// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/inventory.hpp>

namespace pki::inline PKI_ABI {

/// State is the state of a certificate at the instant of a report, in order of severity.
enum class State { valid, expiring, not_yet_valid, expired, missing, invalid };
/// Returns "valid", "expiring", "not-yet-valid", "expired", "missing" or "invalid".
PKI_EXPORT [[nodiscard]] std::string_view to_string(State state) noexcept;

/// Window is the time before its notAfter in which a certificate counts as expiring: a duration, or a share of its
/// validity period.
struct Window {
  std::chrono::seconds span{std::chrono::hours{24 * 30}};  ///< the duration
  std::optional<double> percent{};                         ///< of the validity period; replaces `span` where it is set
};

/// parse_window reads "30d", a Go duration, or "20%". Throws Error(invalid_config).
PKI_EXPORT [[nodiscard]] Window parse_window(std::string_view text);

/// UnmanagedCertificate is one that others manage: of the kubelet, or in a file that the caller named.
struct UnmanagedCertificate {
  std::string name{};                        ///< file name; with the position in the file if it holds several
  std::filesystem::path path{};              ///< of the file
  std::string owner{};                       ///< who renews it: "kubelet", "unknown"
  std::optional<Certificate> certificate{};  ///< empty if the file could not be read; without its PEM text
  std::string problem{};                     ///< why it could not be read
  std::string place{};                       ///< in a kubeconfig: "cluster NAME" or "user NAME"; otherwise empty
  std::size_t number{1};                     ///< position in the file, or in its field of a kubeconfig
  /// The accepted paths of a chain, whose first certificate this is. They end in its file, or at the CA of the
  /// kubelet's row (`of_issuer`). Empty, too, for certificates that are no chain.
  std::vector<TrustPath> trust_paths{};
  std::optional<ChainRefusal> refusal{};  ///< why OpenSSL refuses the chain, or a CA that a kubeconfig trusts
  std::optional<bool> signed_by_ca{};     ///< of the kubelet's client certificate: signatures lead to the CA of its row
};

/// ReportRow is one line of a report.
struct ReportRow {
  std::string name{};                        ///< of the catalog row, or of the file
  const CatalogRow* row{nullptr};            ///< null for unmanaged certificates
  std::filesystem::path path{};              ///< of the certificate or kubeconfig
  State state{State::valid};                 ///< at the instant of the report
  std::string reason{};                      ///< why the state is not valid
  std::string owner{};                       ///< "pkigen", "external", "kubelet", "unknown"
  std::string issuer{};                      ///< name of the CA row; empty for CAs and unmanaged certificates
  bool externally_managed{false};            ///< the key of its issuer is not on this host
  bool optional{false};                      ///< may be missing
  std::optional<Certificate> certificate{};  ///< without its PEM text
  std::string place{};                       ///< as UnmanagedCertificate::place
  std::vector<Certificate> further{};        ///< the other certificates of the file, without their PEM texts
  std::vector<Certificate> trusted{};        ///< the CAs that a kubeconfig trusts, without their PEM texts
  std::string trusted_place{};               ///< where they are: "cluster NAME", or the path of a file
  /// The earliest notAfter on the path to the trust anchor, where it is before that of the certificate.
  std::optional<std::chrono::sys_seconds> chain_end{};
  bool ends_with_ca{false};   ///< `chain_end` is that of the CA, which has a row of its own
  std::string signing_key{};  ///< as Entry::signing_key, without secrets

  /// Returns the instant after which nothing accepts the certificate; the epoch without a certificate.
  [[nodiscard]] std::chrono::sys_seconds end() const noexcept {
    return !certificate ? std::chrono::sys_seconds{} : chain_end.value_or(certificate->not_after);
  }
  /// Returns the end that kubeadm's tables show: as `end`, but of the file alone, since the CA has its own row.
  [[nodiscard]] std::chrono::sys_seconds expiration() const noexcept {
    return certificate && ends_with_ca ? certificate->not_after : end();
  }
};

/// Totals counts the unmanaged certificates of a report.
struct Totals {
  std::size_t files{0};                                    ///< that were looked at, those without certificates included
  std::size_t certificates{0};                             ///< that could be read
  std::array<std::size_t, 6> states{};                     ///< the number of rows in each State
  std::optional<std::chrono::sys_seconds> earliest_end{};  ///< the earliest notAfter; empty without certificates

  /// Returns the number of rows in `state`.
  [[nodiscard]] std::size_t of(State state) const noexcept { return states[static_cast<std::size_t>(state)]; }
};

/// Report lists the certificates of a PKI with their states at one instant.
struct Report {
  Catalog catalog{default_catalog()};     ///< that of the inventory; owns the rows of the report
  std::chrono::sys_seconds now{};         ///< the instant that it is about
  bool within_second{false};              ///< the instant is within the second that begins at `now`
  Role role{Role::first_control_plane};   ///< of the host: the report expects the rows of this role
  bool role_inferred{false};              ///< no configuration names the role: it is inferred from the files
  std::vector<ReportRow> certificates{};  ///< sorted by name: kubeadm's first table
  std::vector<ReportRow> authorities{};   ///< sorted by name: kubeadm's second table
  std::vector<ReportRow> others{};        ///< unmanaged certificates
  std::vector<ReportRow> served{};        ///< by servers that the caller asked; see inspect_served
  std::vector<Finding> notes{};           ///< further findings; an error counts as an invalid row
  std::optional<Totals> totals{};         ///< of the unmanaged certificates, where the caller wants them shown

  /// Returns the time until the expiration of a row in whole seconds, truncated as kubeadm does: 10.7 is 10.
  [[nodiscard]] std::chrono::seconds residual(const ReportRow& row) const noexcept {
    const auto left = row.expiration() - now;
    return left - std::chrono::seconds{within_second && left > std::chrono::seconds{0} ? 1 : 0};
  }
  /// Returns the most severe state of the rows and notes. A missing row that may be missing counts as valid.
  PKI_EXPORT [[nodiscard]] State worst() const noexcept;
};

/// inspect judges an inventory and unmanaged certificates at the instant `now`. A missing or invalid file is a row with
/// a reason and never an exception. Pure. Throws Error(mismatch) for an inventory that does not fit its catalog:
/// without entries it would look like a PKI that needs nothing.
PKI_EXPORT [[nodiscard]] Report inspect(const Inventory& inventory, const std::vector<UnmanagedCertificate>& others,
                                        std::chrono::sys_seconds now, const Window& window = {});

/// Returns whether a row belongs into a report of only what needs attention.
PKI_EXPORT [[nodiscard]] bool needs_attention(const ReportRow& row) noexcept;
/// Returns whether a certificate expires within the window. The validity period of a leaf with the notBefore of its
/// issuer (kubeadm before 1.31) is unknown, and taken to be at most a year.
PKI_EXPORT [[nodiscard]] bool is_due(const Certificate& certificate, const Certificate* issuer,
                                     std::chrono::sys_seconds now, const Window& window);

/// Returns a residual time as kubectl and kubeadm print it: "364d", "2y27d", "<invalid>" after the end.
PKI_EXPORT [[nodiscard]] std::string to_human(std::chrono::seconds left);

/// ScanOptions says how scan_certificates works.
struct ScanOptions {
  /// Called after each file with the number of files looked at so far, in the calling thread; may be empty.
  std::function<void(std::size_t files)> progress{};
  /// The CA of its row has to have signed the kubelet's client certificate. Null: no CA is known.
  const Inventory* inventory{nullptr};
};

/// Scan is what scan_certificates found.
struct Scan {
  std::vector<UnmanagedCertificate> certificates{};  ///< in the order in which they were found
  std::size_t files{0};                              ///< that were looked at, those without certificates included
};

/// scan_certificates reads the certificates of the kubelet below `kubelet_dir` (kubelet-client-current.pem,
/// kubelet-server-current.pem, kubelet.crt; all may be absent) and every certificate in `also`: PEM, which may be
/// indented in YAML, DER, kubeconfigs with the files that they name, and directories with all below them. It follows
/// symbolic links to files, reads each file once, and ignores a file in a directory that holds no certificate: keys,
/// key stores, and texts that mention certificates. OpenSSL judges the kubelet's certificates, those of kubeconfigs,
/// and each chain for its purpose, whatever the dates are. Writes nothing. A path that cannot be read is a value.
PKI_EXPORT [[nodiscard]] Scan scan_certificates(const std::filesystem::path& kubelet_dir,
                                                const std::vector<std::filesystem::path>& also,
                                                const ScanOptions& options = {});

/// Returns the totals of the unmanaged certificates of a report. `files` is Scan::files.
PKI_EXPORT [[nodiscard]] Totals total(const Report& report, std::size_t files);

/// Returns a report as kubeadm's CertificateExpirationInfo (output.kubeadm.k8s.io/v1alpha3) in JSON, with further keys
/// after kubeadm's.
PKI_EXPORT [[nodiscard]] std::string to_json(const Report& report);
/// Returns the same object as YAML.
PKI_EXPORT [[nodiscard]] std::string to_yaml(const Report& report);
/// Returns a report in the text exposition format of Prometheus, with the names of x509-certificate-exporter.
PKI_EXPORT [[nodiscard]] std::string to_prometheus(const Report& report);

/// save_report replaces a file that everybody may read (0644) with the text of a report, atomically. The directory must
/// exist. Throws Error(io).
PKI_EXPORT void save_report(const std::filesystem::path& path, std::string_view text);

}  // namespace pki::inline PKI_ABI
