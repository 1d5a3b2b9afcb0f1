#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The checks of clean-root.sh, as root in a clean root of Debian or Ubuntu without a network: the packages are in /packages,
# the source in /source.
set -euo pipefail

say() {
  printf '\n==> %s\n' "$*"
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# has FILE TEXT: the file contains the text, which is printed otherwise.
has() {
  grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "expected '$2'"; }
}

# apt_install PACKAGE…: from files, or from what the root has in the cache of apt; the output is in /install.txt.
apt_install() {
  apt-get -q -y --no-install-recommends -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 \
    -o DPkg::Options::=--force-unsafe-io install "$@" >/install.txt 2>&1 || { cat /install.txt >&2; fail "apt-get install $*"; }
}

# users_files: the checksums of all that is the administrator's
users_files() {
  find /etc/kubernetes /etc/default/pkigen-renew /etc/systemd/system/pkigen-renew.timer.d -type f -print0 | sort -z |
    xargs -0 sha256sum
}

say "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release): a host with systemd, man and completion"
apt_install systemd man-db bash-completion

if ! compgen -G '/packages/*.deb' >/dev/null; then
  say "building the packages"
  apt_install g++ cmake ninja-build openssl ccache doxygen dpkg-dev file lintian libssl-dev libyaml-dev libcli11-dev libfmt-dev \
    libspdlog-dev nlohmann-json3-dev libboost-dev
  /source/tools/package.sh
  cp /source/build/packages/*.deb /packages/
fi
enable='systemctl enable --now pkigen-renew.timer pkigen-renew-boot.timer'

say "installing pkigen"
apt_install /packages/pkigen_*.deb
grep 'pkigen' /install.txt
has /install.txt "$enable"
if ldd /usr/bin/pkigen | grep 'not found'; then fail "a library is missing"; fi
for unit in pkigen-renew.timer pkigen-renew-boot.timer pkigen-recover.service; do
  [ "$(systemctl is-enabled $unit)" = disabled ] || fail "$unit is enabled after the installation"
done

say "pkigen init, check-expiration"
pkigen init --node-name cp-1 --apiserver-advertise-address 192.168.10.11
pkigen check-expiration
[ "$(stat -c %a /etc/kubernetes/pki/ca.key)" = 600 ] || fail "ca.key is open to others"

say "man pkigen"
for page in pkigen pkigen-renew pkigen.yaml; do
  man $page >/page.txt 2>/dev/null || fail "no page $page"
  sed -n 1,4p /page.txt
  has /page.txt "${page%.yaml}"
done

say "Tab in a bash of a terminal"
# That of a new user, with a prompt that says when bash reads keys.
printf '%s\n' '. /etc/skel/.bashrc' "PS1='ready> '" >/bashrc
coproc TERMINAL { script --quiet --command 'bash --rcfile /bashrc -i' /typescript; }
IFS= read -r -t 60 -d '>' <&"${TERMINAL[0]}" || fail "no prompt"
printf 'pkigen che\t>/report.txt\npkigen renew --dry-run apiserver-k\t>/renewal.txt\nexit\n' >&"${TERMINAL[1]}"
cat <&"${TERMINAL[0]}" >/terminal.txt
tr -d '\r' </terminal.txt | grep -oE 'pkigen [a-z][^>]*>[^ ]*'
has /report.txt 'CERTIFICATE AUTHORITY'
has /renewal.txt apiserver-kubelet-client

say "the units are enabled, and stay enabled when the package is installed again"
read -ra command <<<"${enable/ --now/}"
"${command[@]}"
systemctl enable pkigen-recover.service
apt_install --reinstall /packages/pkigen_*.deb
if grep -F "$enable" /install.txt; then fail "the hint is for the first installation"; fi
for unit in pkigen-renew.timer pkigen-renew-boot.timer pkigen-recover.service; do
  [ "$(systemctl is-enabled $unit)" = enabled ] || fail "$unit is not enabled any more"
  echo "$unit: enabled"
done

say "programs with libpki-dev"
apt_install /packages/libpki*.deb g++ cmake ninja-build pkg-config openssl
LC_ALL=C dpkg-query -W 'libpki*' pkigen
reference=/usr/share/doc/pkigen/reference/namespacepki.html
[ -e "$reference" ] || fail "no reference in libpki-doc"
has "$reference" plan_init
export CXX=g++
for way in 'contents' 'examples static' 'examples shared' 'pkg-config shared' 'pkg-config static'; do
  read -ra words <<<"$way"
  /source/tests/package/package.sh /usr /work "${words[@]}"
done

say "purge"
mkdir -p /etc/systemd/system/pkigen-renew.timer.d
printf '[Timer]\nOnCalendar=\nOnCalendar=weekly\n' >/etc/systemd/system/pkigen-renew.timer.d/weekly.conf
echo 'PKIGEN_RENEW_FLAGS=--before-next 7d' >/etc/default/pkigen-renew
users_files >/before.txt
installed=(pkigen libpki-dev libpki-doc "$(dpkg-query -W -f '${Package}\n' 'libpki[0-9]*')")
dpkg -L "${installed[@]}" | sort -u | while read -r file; do [ -d "$file" ] || echo "$file"; done >/files.txt
apt-get -q -y purge "${installed[@]}" >/purge.txt 2>&1 || { cat /purge.txt >&2; fail "purge"; }
users_files | diff /before.txt - || fail "the purge changed a file of the administrator's"
echo "$(wc -l </before.txt) files of the administrator's are unchanged, among them:"
grep -oE '/etc/.*(ca\.key|admin\.conf|weekly\.conf)$' /before.txt
while read -r file; do [ ! -e "$file" ] || fail "$file was left behind"; done </files.txt
left=$(find /etc/systemd /var/lib/systemd -name '*pkigen*' ! -name 'pkigen-renew.timer.d')
[ -z "$left" ] || fail "left behind: $left"
! dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${installed[@]}" 2>/dev/null | grep -v 'not-installed' ||
  fail "not purged"
echo "$(wc -l </files.txt) files of the packages are gone"
echo
echo "clean root: ok"
