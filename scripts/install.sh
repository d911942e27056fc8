#!/usr/bin/env bash
# install.sh install|uninstall: PREFIX and DESTDIR as in the GNU coding standards.
# What is installed is listed in PREFIX/share/playhead/installed, so that uninstall removes exactly that.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${PREFIX:?}
[[ $prefix == /* ]] || { echo "install.sh: PREFIX must begin with /" >&2; exit 64; }
root=${DESTDIR:-}
list=share/playhead/installed

uninstall() {
    [ -e "$root$prefix/$list" ] || { echo "not installed in $prefix" >&2; exit 66; }
    local file
    while IFS= read -r file; do
        case $file in /* | *..*) echo "install.sh: odd name in $list: $file" >&2; exit 65 ;; esac
        rm -f -- "$root$prefix/$file"
    done <"$root$prefix/$list"
    rm -f -- "$root$prefix/$list"
    # The folders that are ours alone, when they are empty.
    find "$root$prefix/share/playhead" "$root$prefix/libexec/playhead" -depth -type d -empty -delete 2>/dev/null || true
    echo "removed playhead from $prefix"
}

keep() { echo "$1" >>"$files"; }

put() { # MODE FILE NAME
    [ -s "$2" ] || { echo "install.sh: nothing to install as $3" >&2; exit 1; }
    install -D -m "$1" -- "$2" "$root$prefix/$3"
    keep "$3"
}

make_install() {
    local work binary shell name program file
    swift build -c release --static-swift-stdlib --product playhead
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$work'" EXIT
    files=$work/installed
    binary=$work/playhead
    cp "$(swift build -c release --static-swift-stdlib --show-bin-path)/playhead" "$binary"
    strip "$binary"

    # An older version's files go first, so that none of them stays behind.
    [ ! -e "$root$prefix/$list" ] || uninstall >/dev/null

    put 755 "$binary" bin/playhead
    mkdir -p "$root$prefix/libexec/playhead"
    for program in publisher archiver subscriber; do
        ln -sfn ../../bin/playhead "$root$prefix/libexec/playhead/$program"
        keep "libexec/playhead/$program"
    done

    "$binary" generate-man >"$work/man"
    put 644 "$work/man" share/man/man1/playhead.1
    while read -r shell name; do
        "$binary" --generate-completion-script "$shell" >"$work/$shell"
        put 644 "$work/$shell" "share/$name"
    done <<'LIST'
bash bash-completion/completions/playhead
zsh zsh/site-functions/_playhead
fish fish/vendor_completions.d/playhead.fish
LIST

    while IFS= read -r file; do
        put 644 "Integrations/$file" "share/playhead/integrations/$file"
    done < <(cd Integrations && find . -mindepth 2 -type f ! -name '*.swift' ! -name '.*' ! -path '*/__pycache__/*' -printf '%P\n' | sort)

    install -D -m 644 "$files" "$root$prefix/$list"
    echo "installed playhead in $prefix"
    case ":$PATH:" in
        *":$prefix/bin:"*) ;;
        *) [ -n "$root" ] || echo "note: $prefix/bin is not in PATH" ;;
    esac
}

case ${1:-} in
    install) make_install ;;
    uninstall) uninstall ;;
    *) echo "usage: install.sh install|uninstall" >&2; exit 64 ;;
esac
