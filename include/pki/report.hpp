#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/inventory.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// State is how a certificate stands at the instant of a report, worst last.
enum class State { valid, expiring, not_yet_valid, expired, missing, invalid };
[[nodiscard]] std::string_view to_string(State state) noexcept;

/// Window is how long before its end a certificate deserves attention: a time, or a share of its life.
struct Window {
  std::chrono::seconds span{std::chrono::hours{24 * 30}};
  std::optional<double> percent;  ///< of the whole life; where set it counts instead of `span`
};

/// parse_window reads "30d", a Go duration, or "20%". Throws Error(invalid_config).
[[nodiscard]] Window parse_window(std::string_view text);

/// UnmanagedCertificate is a certificate that others manage: the kubelet's, or one in a file that the caller named.
struct UnmanagedCertificate {
  std::string name;  ///< file name, and the place inside where there are several
  std::filesystem::path path;
  std::string owner;                       ///< who renews it: "kubelet", "unknown"
  std::optional<Certificate> certificate;  ///< empty where the file could not be read; without its PEM text
  std::string problem;
  std::string place;  ///< in a kubeconfig: "cluster NAME" or "user NAME"; else empty
};

/// ReportRow is one line of a report.
struct ReportRow {
  std::string name;
  const CatalogRow* row{nullptr};  ///< null for what others manage
  std::filesystem::path path;
  State state{State::valid};
  std::string reason;                      ///< why the state is not valid; for `expiring` the end of the window
  std::string owner;                       ///< "pkigen", "external", "kubelet", "unknown"
  std::string issuer;                      ///< name of the CA row; empty for CAs and for what others manage
  bool externally_managed{false};          ///< its issuer's key is not here
  bool optional{false};                    ///< its absence is no alarm
  std::optional<Certificate> certificate;  ///< without its PEM text
  std::string place;                       ///< as UnmanagedCertificate::place
};

/// Report is everything that is known about the expiry of a PKI at one instant.
struct Report {
  Catalog catalog{default_catalog()};  ///< that of the inventory; owns the rows of the report
  std::chrono::sys_seconds now;
  bool within_second{false};            ///< the clock stood somewhere within the second that begins at `now`
  std::vector<ReportRow> certificates;  ///< sorted by name, as kubeadm's first table
  std::vector<ReportRow> authorities;   ///< sorted by name, as kubeadm's second table
  std::vector<ReportRow> others;        ///< what others manage
  std::vector<ReportRow> served;        ///< what servers show, where the caller asked them; see inspect_served
  std::vector<Finding> notes;           ///< what was found beside the states; an error counts as an invalid row

  /// residual is what is left of a certificate's life in whole seconds, cut off as kubeadm does: 10.7 are 10.
  [[nodiscard]] std::chrono::seconds residual(const Certificate& certificate) const noexcept {
    const auto left = certificate.not_after - now;
    return left - std::chrono::seconds{within_second && left > std::chrono::seconds{0} ? 1 : 0};
  }
  /// worst is the gravest state of all rows whose absence matters, and of the notes; valid where none is worse.
  [[nodiscard]] State worst() const noexcept;
};

/// inspect judges an inventory and what others manage at the instant `now`. It misses nothing and never fails: a
/// missing or invalid file is a row with a reason. Pure.
[[nodiscard]] Report inspect(const Inventory& inventory, const std::vector<UnmanagedCertificate>& others,
                             std::chrono::sys_seconds now, const Window& window = {});

/// needs_attention says whether a row is worth a line in a quiet report.
[[nodiscard]] bool needs_attention(const ReportRow& row) noexcept;
/// is_due says whether a certificate ends within the window. Where a leaf begins together with its issuer (kubeadm
/// before 1.31 did that) its life is unknown and taken as at most a year.
[[nodiscard]] bool is_due(const Certificate& certificate, const Certificate* issuer, std::chrono::sys_seconds now,
                          const Window& window);

/// to_human writes what is left of a life as kubectl and kubeadm do: "364d", "2y27d", "<invalid>" once it is over.
[[nodiscard]] std::string to_human(std::chrono::seconds left);

/// scan_certificates reads the kubelet's certificates below `kubelet_dir` (kubelet-client-current.pem, kubelet-server-
/// current.pem, kubelet.crt; all may be absent) and every certificate in `also`: PEM files, kubeconfigs, and
/// directories with all below them. Symbolic links to files are followed, each file is read once, and a file in a
/// directory that holds no certificate is passed over. Writes nothing. A path that cannot be read is a value.
[[nodiscard]] std::vector<UnmanagedCertificate> scan_certificates(const std::filesystem::path& kubelet_dir,
                                                                  const std::vector<std::filesystem::path>& also);

/// to_json and to_yaml write kubeadm's CertificateExpirationInfo (output.kubeadm.k8s.io/v1alpha3) with further keys
/// behind kubeadm's; to_prometheus writes the text exposition format with the names of x509-certificate-exporter.
[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_yaml(const Report& report);
[[nodiscard]] std::string to_prometheus(const Report& report);

/// save_report writes the text of a report to a file for everybody to read (0644), which is old or new at every
/// instant; the directory must exist. Throws Error(io).
void save_report(const std::filesystem::path& path, std::string_view text);

}  // namespace pki
#pragma GCC visibility pop
