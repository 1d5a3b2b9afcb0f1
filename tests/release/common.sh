# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the tests of the scripts: a repository below $work, whose git has no configuration of this host.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_SYSTEM=/dev/null HOME=$work
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
printf '[user]\nname = Test\nemail = test@example.org\n[init]\ndefaultBranch = main\n' >"$GIT_CONFIG_GLOBAL"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# refused PATTERN COMMAND…: the command fails, and a line of its messages matches.
refused() {
  local pattern=$1
  shift
  if "$@" >"$work/out" 2>&1; then cat "$work/out" >&2 && fail "not refused: $*"; fi
  grep -Eq -- "$pattern" "$work/out" || { cat "$work/out" >&2 && fail "no line like '$pattern'"; }
}
