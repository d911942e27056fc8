#!/usr/bin/env bash
# Installs into a folder of its own, looks at what is there, uninstalls, and sees that nothing is left.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
fail() { echo "test-install: $1" >&2; exit 1; }

mkdir -p "$stage/usr/share/man/man1"
echo other >"$stage/usr/share/man/man1/other.1"
PREFIX=/usr DESTDIR=$stage scripts/install.sh install
program=$stage/usr/bin/playhead

"$program" --version >/dev/null || fail "the program does not run"
! ldd "$program" | grep -i swift || fail "the program needs Swift's libraries"
file_size=$(stat -c %s "$program")
echo "size: $((file_size / 1000000)) MB"
for name in publisher archiver subscriber; do
    "$stage/usr/libexec/playhead/$name" --help >"$stage/help" || fail "$name does not run"
    grep -qi "usage: $name" "$stage/help" || fail "$name does not know its own name"
done
bash -n "$stage/usr/share/bash-completion/completions/playhead" || fail "the completion for bash is broken"
for file in man/man1/playhead.1 zsh/site-functions/_playhead fish/vendor_completions.d/playhead.fish; do
    [ -s "$stage/usr/share/$file" ] || fail "$file is missing or empty"
done
while IFS= read -r file; do
    cmp "$file" "$stage/usr/share/playhead/integrations/${file#Integrations/}" || fail "$file is not installed"
done < <(git ls-files 'Integrations/*/*')
rm "$stage/help"

PREFIX=/usr DESTDIR=$stage scripts/install.sh uninstall
left=$(find "$stage" ! -type d -printf '%P\n')
[ "$left" = usr/share/man/man1/other.1 ] || fail "left behind: $left"
for folder in share libexec; do [ ! -e "$stage/usr/$folder/playhead" ] || fail "$folder/playhead is left behind"; done
echo "test-install: passed"
