#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes one reader of untrusted text and reports the findings.
#
# usage: tools/fuzz.sh TARGET SECONDS     TARGET: pem, certificate, scan, key, kubeadm_config, kubeconfig, saved_config,
#                                         backup_manifest, journal, request, bundle, api_answer; or `all`, one after the other
#
# Installs missing packages (root or sudo) and builds into build/fuzz. The inputs that reach new code are kept in
# build/fuzz/corpus/TARGET, so that the next run continues from there. A finding is minimised, its path is printed and the
# exit status is 1. The properties of each target: tests/fuzz/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

usage() {
  sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0"
  exit "$1"
}

case ${1:-} in
  -h | --help) usage 0 ;;
esac
if [ $# -ne 2 ] || [[ ! $2 =~ ^[0-9]+$ ]]; then usage 2; fi
tests=tests/fuzz
build=build/fuzz

# The run-time libraries of the sanitizers and of libFuzzer come in a package that has clang's version in its name.
need_fuzz_tools() {
  need_build_tools
  need_test_tools
  need_command clang++ clang
  install_missing
  local object
  object=$(mktemp)
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer,address -x c++ - -o "$object" 2>/dev/null ||
    missing+=("libclang-rt-$(clang++ -dumpversion | cut -d. -f1)-dev")
  rm -f "$object"
  install_missing
}

dictionary_of() { # TARGET
  case $1 in
    certificate | key | request) echo der ;;
    scan) echo pem ;;
    kubeadm_config | saved_config) echo config ;;
    backup_manifest | journal) echo manifest ;;
    *) echo "$1" ;;
  esac
}

options=(-timeout=10 -rss_limit_mb=1024 -max_len=4096 -use_value_profile=1 -verbosity=1 -print_final_stats=1)

minimise() { # PROGRAM INPUT RESULT
  # libFuzzer restarts while it finds something smaller. A minute is enough for inputs of these sizes.
  timeout 60 "$1" -minimize_crash=1 -max_total_time=10 -timeout=5 -rss_limit_mb=1024 -exact_artifact_path="$3" "$2" \
    >/dev/null 2>&1 || true
  [ -s "$3" ] || cp "$2" "$3"
}

report_finding() { # TARGET PROGRAM INPUT LOG
  local least=$build/findings/$1/least
  rm -f "$least"
  minimise "$2" "$3" "$least"
  grep -aE 'violated property|ERROR: (Address|Leak|Undefined)|runtime error|libFuzzer: (out-of-memory|timeout)' "$4" |
    head -n 3 || true
  echo "found:     $3"
  echo "minimised: $least ($(stat -c %s "$least") bytes)"
  echo "see it:    $2 $least"
  echo "keep it:   cp $least $tests/regressions/$1/NAME"
}

fuzz() { # TARGET SECONDS
  local program=$build/$tests/fuzz-$1 corpus=$build/corpus/$1 findings=$build/findings/$1 log=$build/findings/$1/log
  mkdir -p "$corpus" "$findings"
  local stored=("$tests/corpus/$1")
  [ ! -d "$tests/regressions/$1" ] || stored+=("$tests/regressions/$1")

  say "fuzzing $1 for $2 seconds"
  local start=$SECONDS
  # Files of an earlier run are no findings of this one.
  find "$findings" -type f -delete
  if ! "$program" "${options[@]}" -max_total_time="$2" -dict="$tests/dictionaries/$(dictionary_of "$1").dict" \
    -artifact_prefix="$findings/" "$corpus" "${stored[@]}" >"$log" 2>&1; then
    local input
    input=$(find "$findings" -type f ! -name log | head -n 1)
    if [ -z "$input" ]; then
      tail -n 20 "$log"
      return 1
    fi
    report_finding "$1" "$program" "$input" "$log"
    return 1
  fi
  # Keep only the inputs that add coverage.
  rm -rf "$corpus.small" && mkdir "$corpus.small"
  "$program" -merge=1 -timeout=10 -rss_limit_mb=1024 "$corpus.small" "$corpus" >/dev/null 2>&1
  rm -rf "$corpus" && mv "$corpus.small" "$corpus"
  local runs edges
  runs=$(grep -a 'stat::number_of_executed_units' "$log" | grep -oE '[0-9]+$')
  edges=$(grep -aoE 'cov: [0-9]+' "$log" | tail -n 1 | grep -oE '[0-9]+')
  echo "$1: $runs executions, $edges edges of code, $(find "$corpus" -type f | wc -l) inputs kept, no finding, in $((SECONDS - start)) s"
}

need_fuzz_tools
targets=$(sed -n 's/^set(FUZZ_TARGETS \(.*\))$/\1/p' "$tests/CMakeLists.txt")
[ "$1" = all ] || [[ " $targets " == *" $1 "* ]] || usage 2
[ "$1" = all ] || targets=$1

say "building"
cmake --preset fuzz >/dev/null
read -ra names <<<"$targets"
cmake --build --preset fuzz --target "${names[@]/#/fuzz-}"

status=0
for target in "${names[@]}"; do
  fuzz "$target" "$2" || status=1
done
exit $status
