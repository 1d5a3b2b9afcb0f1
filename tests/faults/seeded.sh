#!/usr/bin/env bash
# Plants each defect of seeded/*.patch in a copy of the source tree and shows that a test turns red.
#   seeded.sh SOURCE_DIR [PATCH…]
# The lines "Red:" of a patch say which tests must fail. The copy without a defect must pass all of them first.
# SEEDED_BUILD_DIR keeps the copy between runs.
set -euo pipefail

source_dir=$(realpath "${1:?usage: seeded.sh SOURCE_DIR [PATCH…]}")
shift
patches=("$@")
[[ ${#patches[@]} -gt 0 ]] || patches=("$source_dir"/tests/faults/seeded/*.patch)

work=${SEEDED_BUILD_DIR:-$(mktemp -d)}
[[ -n ${SEEDED_BUILD_DIR:-} ]] || trap 'rm -rf "$work"' EXIT
find "$work/source" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + 2>/dev/null || true
mkdir -p "$work/source"
git -C "$source_dir" ls-files -z | tar -C "$source_dir" --null -T - -c | tar -C "$work/source" -x
# As the dev preset builds, so that a compiler cache that knows the source knows nearly all of the copy.
export CCACHE_BASEDIR=$work/source CCACHE_NOHASHDIR=1
build_dir=$work/source/build/dev
(cd "$work/source" && cmake --preset dev >"$work/configure.log")

build() {
  cmake --build "$build_dir" --target pkigen unit-crypto faults-{driver,hostile,powerloss,residue,watcher} \
    >"$work/build.log" 2>&1
}

red_lines() { sed -n 's/^Red: //p' "$1"; }

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
  check "$line" || { echo "red without a defect: $line"; tail -n 40 "$work/test.log"; exit 1; }
done

unseen=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  patch -d "$work/source" -p1 -s -F3 --no-backup-if-mismatch <"$patch"
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
  patch -d "$work/source" -p1 -s -R -F3 --no-backup-if-mismatch <"$patch"
done
echo "${#patches[@]} defects planted, $unseen not seen"
[[ $unseen -eq 0 ]]
