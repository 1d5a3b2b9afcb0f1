// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace faults {

/// Pair is the two files of a serving certificate, as flags of kube-apiserver name them.
struct Pair {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Sight is what a reader reports to the test, in memory that they share.
struct Sight {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> loaded{0};    ///< fingerprint of the certificate in use
  std::atomic<std::int64_t> loaded_at{0};  ///< since when
  std::atomic<std::int64_t> queued_ns{0};  ///< how long this process had waited for a processor by then
  std::atomic<std::size_t> reads{0};
  std::atomic<std::size_t> crossed{0};     ///< the certificate of before a commit and the key of after it
  std::atomic<std::size_t> missing{0};     ///< a file or a watch that was not there
  std::atomic<std::size_t> mismatched{0};  ///< a pair that does not match, although nothing changed in between
  std::atomic<std::size_t> broken{0};      ///< a file that does not parse
};

[[nodiscard]] std::int64_t monotonic_ns();
/// Returns how long a process has waited for a processor: seconds on a busy machine, which are not pkigen's fault.
[[nodiscard]] std::int64_t queued_ns(pid_t process);
[[nodiscard]] std::uint64_t fingerprint(const std::string& content);

/// reload_as_apiserver does what DynamicCertKeyPairContent of k8s.io/apiserver does: it watches the two files by their
/// paths, along links; every event loads the pair; after a removal or a rename, and only then, the watch is put on the
/// path anew; a pair that does not match is not taken, and tried again a little later. There is no other poll.
void reload_as_apiserver(const Pair& pair, Sight& sight);

/// read_all_the_time loads the pair again and again, as a server that is being restarted would.
void read_all_the_time(const Pair& pair, Sight& sight);

/// open_all_the_time opens the certificate and does nothing else: most of many such processes on few processors are
/// stopped somewhere on the way along its path.
void open_all_the_time(const Pair& pair, Sight& sight);

}  // namespace faults
