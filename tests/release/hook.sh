#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/hooks/pre-commit formats what is committed, and leaves other changes alone.
#   hook.sh SOURCE_DIR
set -euo pipefail
source=${1:?usage: hook.sh SOURCE_DIR}
command -v git >/dev/null || { echo "skipped: no git" && exit 77; }
# shellcheck source=tests/release/common.sh
. "$source/tests/release/common.sh"
{ clang-format-14 --version || clang-format --version; } 2>/dev/null | grep -q 'version 14\.' ||
  { echo "skipped: no clang-format of version 14" && exit 77; }

mkdir -p "$work/repository/tools"
cd "$work/repository"
git init -q
cp -r "$source/tools/hooks" tools/
cp "$source/.clang-format" .
# The one command of CONTRIBUTING.md.
grep -qF 'git config core.hooksPath tools/hooks' "$source/CONTRIBUTING.md" || fail "CONTRIBUTING.md does not say how to install the hook"
git config core.hooksPath tools/hooks
formatted='int f() { return 1; }'
committed() { git show "HEAD:$1"; }

printf 'int  f( ){return 1;}\n' | tee a.cpp b.cpp 'with blank.hpp' text.md >tool.cpp
chmod +x tool.cpp
git add -A
printf 'int  g( ){return 2;}\n' >>b.cpp
git commit -q -m "Badly formatted" 2>"$work/log"
grep -qF 'formatted with blank.hpp' "$work/log" || fail "the hook does not say what it formatted"
for file in a.cpp b.cpp 'with blank.hpp' tool.cpp; do
  [ "$(committed "$file")" = "$formatted" ] || fail "$file was committed as it was"
done
[ "$(cat a.cpp)" = "$formatted" ] || fail "the file in the working tree is not formatted"
[ "$(committed text.md)" = 'int  f( ){return 1;}' ] || fail "a text was formatted"
[ "$(tail -1 b.cpp)" = 'int  g( ){return 2;}' ] || fail "a change that is not part of the commit is lost"
[ "$(git ls-files --stage tool.cpp | cut -d' ' -f1)" = 100755 ] || fail "the mode is lost"

git checkout -q b.cpp
git rm -q a.cpp
git commit -q -m "Removed" 2>"$work/log" || { cat "$work/log" >&2 && fail "a removal is refused"; }
[ ! -s "$work/log" ] || fail "a commit of what is formatted prints something"
[ -z "$(git status --porcelain)" ] || fail "the tree is not clean after the commit"

# Without the right version nothing is changed, and the commit is made.
mkdir "$work/bin"
printf '#!/bin/sh\necho "clang-format version 19.1.0"\n' | tee "$work/bin/clang-format-14" >"$work/bin/clang-format"
chmod +x "$work"/bin/*
printf 'int  f( ){return 1;}\n' >a.cpp
git add -A
PATH=$work/bin:$PATH git commit -q -m "Other version" 2>"$work/log"
grep -q 'not formatted: no clang-format of version 14' "$work/log" || fail "the missing version is not named"
[ "$(committed a.cpp)" = 'int  f( ){return 1;}' ] || fail "another version formatted a file"
echo "the hook formats what is committed"
