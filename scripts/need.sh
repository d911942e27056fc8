#!/usr/bin/env bash
# need.sh GROUP…: installs the Debian packages of these groups that are missing, and nothing else.
# Groups: build demo test lint proto bench broker. Says nothing when nothing is missing.
set -euo pipefail

packages() {
    case $1 in
        build) echo git ca-certificates libsqlite3-dev libzstd-dev zlib1g-dev libssl-dev librabbitmq-dev pkg-config ;;
        demo) packages build; echo bash neovim python3 ;;
        test) packages demo; packages broker; packages proto; echo python3-venv zsh fish tmux emacs-nox python3-pynvim libvterm-dev gcc libc6-dev asciinema bsdutils util-linux iproute2 ;;
        proto) packages build; echo protobuf-compiler ;;
        lint) packages proto; echo shellcheck ;;
        bench) packages broker; packages proto; echo python3 python3-venv libvterm-dev gcc libc6-dev asciinema bsdutils ;;
        broker) packages build; echo rabbitmq-server curl ;;
        *) echo "need.sh: no group '$1' (build demo test lint proto bench broker)" >&2; return 64 ;;
    esac
}

wanted=
for group in "$@"; do
    some=$(packages "$group") || exit $?
    wanted+=" $some"
done
# shellcheck disable=SC2086 # a list of words
wanted=$(printf '%s\n' $wanted | sort -u)
# shellcheck disable=SC2016,SC2086 # dpkg-query's own placeholders; a list of words
have=$(dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
    awk '$2 == "installed" { sub(/:.*/, "", $1); print $1 }' | sort -u || true)
missing=$(comm -23 <(echo "$wanted") <(echo "$have") | paste -sd ' ' -)
[ -n "$missing" ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "missing: $missing   [as root: apt-get install $missing]" >&2; exit 1; }
    as_root=(sudo)
fi
echo "missing: $missing   [installing]" >&2

# A package's service must not be started by its installation: invoke-rc.d asks this file, 101 means no.
# One that is there already stays, and decides.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    # shellcheck disable=SC2317,SC2329 # called by the trap
    remove_policy() { "${as_root[@]}" rm -f "$policy"; }
    trap remove_policy EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
        -qq -y --no-install-recommends "$@" </dev/null
}
log=$(mktemp)
if ! { apt update && read -ra list <<<"$missing" && apt install "${list[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "need.sh: could not install: $missing" >&2
    exit 1
fi
rm -f "$log"

# Nor at the next boot.
case " $missing " in
    *" rabbitmq-server "*)
        if command -v systemctl >/dev/null; then
            "${as_root[@]}" systemctl disable rabbitmq-server.service epmd.service epmd.socket >/dev/null 2>&1 || true
        fi ;;
esac
