#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Applies each defect of mutants/*.patch to a copy of the source tree and checks that a test fails.
#   mutants.sh SOURCE_DIR [PATCH…]
#   mutants.sh --applies SOURCE_DIR [PATCH…]    only checks, in a second, that the patches apply and name their tests
# The lines "Red:" of a patch name the tests that must fail. The copy without a defect must pass all of them first.
# MUTANTS_BUILD_DIR keeps the copy between runs.
set -euo pipefail

usage="usage: mutants.sh [--applies] SOURCE_DIR [PATCH…]"
only_apply=
if [[ ${1:-} == --applies ]]; then
  only_apply=yes
  shift
fi
source_dir=$(realpath "${1:?$usage}")
shift
patches=("$@")
[[ ${#patches[@]} -gt 0 ]] || patches=("$source_dir"/tests/faults/mutants/*.patch)

red_lines() { sed -n 's/^Red: //p' "$1"; }

# apply DIR PATCH OPTIONS…
apply() { patch -d "$1" -p1 -s -F3 --no-backup-if-mismatch "${@:3}" <"$2"; }

if [[ $only_apply ]]; then
  wrong=0
  for patch in "${patches[@]}"; do
    if ! apply "$source_dir" "$patch" --dry-run --forward; then
      echo "does not apply: $patch"
      wrong=$((wrong + 1))
    elif [[ -z $(red_lines "$patch") ]]; then
      echo "names no test: $patch"
      wrong=$((wrong + 1))
    fi
  done
  echo "${#patches[@]} patches, $wrong wrong"
  exit $((wrong > 0))
fi

work=${MUTANTS_BUILD_DIR:-$(mktemp -d)}
[[ -n ${MUTANTS_BUILD_DIR:-} ]] || trap 'rm -rf "$work"' EXIT
find "$work/source" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + 2>/dev/null || true
mkdir -p "$work/source"
git -C "$source_dir" ls-files -z | tar -C "$source_dir" --null -T - -c | tar -C "$work/source" -x
# Built as the dev preset builds, so that a compiler cache filled from the source serves nearly all of the copy.
export CCACHE_BASEDIR=$work/source CCACHE_NOHASHDIR=1
build_dir=$work/source/build/dev
(cd "$work/source" && cmake --preset dev >"$work/configure.log")

build() {
  cmake --build "$build_dir" --target pkigen unit-crypto faults-{driver,hostile,powerloss,residue,watcher} \
    >"$work/build.log" 2>&1
}

# check LINE: runs "PROGRAM ARGUMENTS" with PKIGEN replaced by the program that was built.
check() {
  local line=${1//PKIGEN/$build_dir/tools/pkigen/pkigen}
  local program=${line%% *}
  local path=$build_dir/tests/$program
  [[ -x $path ]] || path=$build_dir/tests/faults/$program
  eval "$path ${line#"$program"}" >"$work/test.log" 2>&1 </dev/null
}

build || { cat "$work/build.log"; exit 1; }
printf '%s\n' "${patches[@]}" | while read -r patch; do red_lines "$patch"; done | sort -u | while read -r line; do
  check "$line" || { echo "fails without a defect: $line"; tail -n 40 "$work/test.log"; exit 1; }
done

unseen=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  apply "$work/source" "$patch"
  if ! build; then
    echo "does not build: $name"
    tail -n 20 "$work/build.log"
    unseen=$((unseen + 1))
  else
    while read -r line; do
      if check "$line"; then
        echo "NOT SEEN: $name by $line"
        unseen=$((unseen + 1))
      else
        printf 'seen: %-32s by %s\n' "$name" "$line"
      fi
    done < <(red_lines "$patch")
  fi
  apply "$work/source" "$patch" -R
done
echo "${#patches[@]} mutants, $unseen not seen, in $SECONDS s"
[[ $unseen -eq 0 ]]
