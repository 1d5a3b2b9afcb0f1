#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/release.sh refuses what is not ready, and makes the same tarball again.
#   release.sh SOURCE_DIR
set -euo pipefail
source=${1:?usage: release.sh SOURCE_DIR}
command -v git >/dev/null || { echo "skipped: no git" && exit 77; }
# shellcheck source=tests/release/common.sh
. "$source/tests/release/common.sh"

repository=$work/repository
mkdir -p "$repository/tools" "$repository/include/pki"
cp "$source/tools/release.sh" "$repository/tools/"
cp "$source/include/pki/abi.hpp" "$repository/include/pki/"
sed -i -E 's/^(#define PKI_VERSION_MAJOR) .*/\1 7/; s/^(#define PKI_VERSION_MINOR) .*/\1 8/; s/^(#define PKI_VERSION_PATCH) .*/\1 9/' \
  "$repository/include/pki/abi.hpp"
printf '/build\n' >"$repository/.gitignore"
cd "$repository"
release() { tools/release.sh "$@"; }
# commit CHANGELOG: commits everything with this change log.
commit() {
  printf '%b' "$1" >CHANGELOG.md
  git add -A
  GIT_COMMITTER_DATE='2026-01-31T12:00:00Z' git commit -q --date '2026-01-31T12:00:00Z' -m "A change"
}

git init -q
commit '# Changelog\n\n## [Unreleased]\n\n- Not yet.\n\n## [7.8.8] - 2026-01-01\n\n- Old.\n'
refused '^usage: ' release
refused '^usage: ' release --tag "$work/one"
refused "expected a heading '## \[7.8.9\] - YYYY-MM-DD'" release --source-only "$work/one"
commit '# Changelog\n\n## [7.8.9]\n\n- Without a date.\n'
refused 'expected a heading' release --source-only "$work/one"
commit '# Changelog\n\n## [7.8.9] - 2026-01-31\n\n## [7.8.8] - 2026-01-01\n\n- Old.\n'
refused 'the section of 7.8.9 has no entries' release --source-only "$work/one"

commit '# Changelog\n\n## [7.8.9] - 2026-01-31\n\n### Added\n\n- New.\n\n## [7.8.8] - 2026-01-01\n\n- Old.\n'
touch new-file
refused '^\?\? new-file' release --source-only "$work/one"
rm new-file
echo >>CHANGELOG.md
refused '^ M CHANGELOG.md' release --source-only "$work/one"
git checkout -q CHANGELOG.md
mkdir "$work/exists"
refused 'exists$' release --source-only "$work/exists"
refused 'no tools/package.sh' release "$work/one"
git tag v7.8.9
refused 'the tag v7.8.9 exists' release --source-only "$work/one"
git tag -d v7.8.9 >/dev/null
[ ! -e "$work/one" ] || fail "a refused release left $work/one"
if compgen -G "$work/.release.*" >/dev/null; then fail "a refused release left files"; fi

# Made again, at another time and under another umask, the tarball is the same; a relative directory is the caller's.
release --source-only "$work/one" >"$work/out"
grep -q '^next: git tag -a v7.8.9 ' "$work/out" || fail "the next step is not named"
touch CHANGELOG.md && sleep 1
(umask 077 && cd "$work" && "$repository/tools/release.sh" --source-only two >/dev/null)
cmp "$work/one/pkigen-7.8.9.tar.gz" "$work/two/pkigen-7.8.9.tar.gz" || fail "two tarballs of one commit differ"
(cd "$work/one" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS is wrong"
printf '### Added\n\n- New.\n\n' | cmp - "$work/one/pkigen-7.8.9.changes.md" || fail "the changes are not those of the version"
tar -tzvf "$work/one/pkigen-7.8.9.tar.gz" --full-time --utc >"$work/list"
grep -q '2026-01-31 12:00:00 pkigen-7.8.9/include/pki/abi.hpp$' "$work/list" || fail "the tarball has another date, or lacks a file"
if grep -qv ' pkigen-7.8.9/' "$work/list"; then fail "a file is outside of pkigen-7.8.9"; fi

# The packages are those that tools/package.sh makes, and nothing of a former build.
mkdir -p build/packages && touch build/packages/old.deb
cat >tools/package.sh <<'END'
#!/bin/sh
mkdir -p build/packages && echo "$SOURCE_DATE_EPOCH" >build/packages/new.deb
END
chmod +x tools/package.sh
commit "$(cat CHANGELOG.md)\n"
release "$work/three" >/dev/null
[ "$(cat "$work/three/new.deb")" = "$(git log -1 --format=%ct)" ] || fail "the package is not there, or has another date"
[ ! -e "$work/three/old.deb" ] || fail "a package of a former build is in the release"
grep -q ' new.deb$' "$work/three/SHA256SUMS" || fail "the package has no checksum"
printf '#!/bin/sh\n' >tools/package.sh
commit "$(cat CHANGELOG.md)\n"
refused 'made no package' release "$work/four"
echo "release.sh refuses what is not ready"
