#!/usr/bin/env bash
# demo.sh: records somebody who mends a failing test in bash and Neovim, plays it back without the pauses, shows the
# recap. Everything is in build/demo, with an archive and an agent of its own; the next run begins anew.
# PLAYHEAD_DEMO_DIR: another folder. PLAYHEAD_DEMO_PROGRAM: a playhead that is built already.
# PLAYHEAD_DEMO_PACE: the typist's pace in percent of its pauses (100).
set -euo pipefail
cd "$(dirname "$0")/.."

fit=9s
pace=${PLAYHEAD_DEMO_PACE:-100}
program=${PLAYHEAD_DEMO_PROGRAM:-$(swift build --show-bin-path)/playhead}
place=${PLAYHEAD_DEMO_DIR:-$PWD/build/demo}

fail() {
    echo "demo: $1" >&2
    [ ! -s "${2:-}" ] || tail -n 20 -- "$2" | sed 's/^/    /' >&2
    exit 1
}

[ -x "$program" ] || fail "there is no $program; \`make demo\` builds it"
for tool in bash git nvim python3; do command -v "$tool" >/dev/null || fail "$tool is missing; \`make demo\` installs it"; done

rm -rf -- "$place"
mkdir -p -- "$place"
place=$(cd "$place" && pwd -P)
project=$place/median
mkdir -p "$project" "$place/bin" "$place/user/.config/nvim" "$place/user/.local/share/nvim/site/plugin"
mkdir -m 700 "$place/archive"
# A socket's path must be short, wherever this folder is.
run=$(mktemp -d "${TMPDIR:-/tmp}/playhead-demo.XXXXXX")

# Nothing of the person's own: no start files, no archive, no agent.
for name in ${!PLAYHEAD_*} ${!XDG_*} ${!GIT_*} ${!NVIM*} ${!PYTHON*} VIMINIT EXINIT ENV BASH_ENV PROMPT_COMMAND HISTFILE; do
    unset "$name"
done
export HOME=$place/user XDG_RUNTIME_DIR=$run PLAYHEAD_HOME=$place/archive PLAYHEAD_AGENT_IDLE=5
export SHELL PATH=$place/bin:$PATH USER=${USER:-demo} TERM=xterm-256color LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
SHELL=$(command -v bash)
ln -s "$program" "$place/bin/playhead"

recorder=
clean_up() {
    exec 3>&- || true
    [ -z "$recorder" ] || kill "$recorder" 2>/dev/null || true
    playhead agent --stop >/dev/null 2>&1 || true
    rm -rf -- "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# ---- the project

cat >"$project/median.py" <<'PYTHON'
"""Small statistics."""


def median(values):
    """The number in the middle, or between the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle]
PYTHON
cat >"$project/test_median.py" <<'PYTHON'
import unittest

from median import median


class MedianTest(unittest.TestCase):
    def test_odd(self):
        self.assertEqual(median([3, 1, 2]), 2)

    def test_even(self):
        self.assertEqual(median([4, 1, 3, 2]), 2.5)
PYTHON
echo "PS1='\W \$ '" >"$HOME/.bashrc"
echo "set noswapfile autoindent | filetype indent off" >"$HOME/.config/nvim/init.vim"
playhead init nvim >"$HOME/.local/share/nvim/site/plugin/playhead.lua" || fail "the editor's integration cannot be printed"
git -C "$project" init -q -b main
git -C "$project" add .
git -C "$project" -c user.name=demo -c user.email=demo@example.org commit -q -m "median, with a test that fails"

# ---- the person

screen=$place/screen.log
seen=0

pause() { # MILLISECONDS
    local time=$(($1 * pace / 100))
    sleep "$((time / 1000)).$(printf %03d $((time % 1000)))"
}

keys() { # TEXT, one key after the other
    local i
    for ((i = 0; i < ${#1}; i++)); do
        printf %s "${1:i:1}" >&3 2>/dev/null || return 0
        pause $((45 + RANDOM % 70))
    done
}

enter() { printf '\r' >&3 2>/dev/null || true; }
escape() { pause 150; printf '\e' >&3 2>/dev/null || true; pause 300; }

await() { # TEXT: until it appears on the screen after what was awaited before
    local tries offset
    for ((tries = 0; tries < 300; tries++)); do
        offset=$(tail -c +$((seen + 1)) "$screen" | grep -abo -m 1 -F -- "$1" | head -n 1 | cut -d : -f 1 || true)
        if [ -n "$offset" ]; then
            seen=$((seen + offset + ${#1}))
            return
        fi
        kill -0 "$recorder" 2>/dev/null || fail "the recording ended too early" "$place/rec.log"
        sleep 0.1
    done
    fail "waited for '$1' in vain" "$screen"
}

prompt() { await 'median $ '; pause "${1:-600}"; }

shell() { # COMMAND
    keys "$1"
    pause 250
    enter
}

mend() {
    prompt 1200
    shell 'ls'
    prompt 900
    shell 'python3 -m unittest'
    await 'FAILED'
    prompt 4500
    shell 'nvim median.py'
    await 'ordered[middle]'
    pause 3500
    keys '/return'
    enter
    pause 700
    keys 'cc'
    keys 'return (ordered[middle] + ordered[middle + 1]) / 2'
    escape
    pause 4000
    keys 'u'
    pause 1500
    keys 'O'
    keys 'if len(ordered) % 2 == 0:'
    enter
    pause 300
    keys '    return (ordered[middle - 1] + ordered[middle]) / 2'
    escape
    pause 900
    keys ':w'
    enter
    await 'written'
    pause 600
    keys ':q'
    enter
    prompt 700
    shell 'python3 -m unittest'
    await 'OK'
    prompt 2500
    shell 'python3 -c "from median import median; median([])"'
    await 'IndexError'
    prompt 3500
    shell 'playhead note "median([]) raises IndexError: should it?" --next --file median.py:8'
    await 'noted'
    prompt
    shell 'exit'
}

# ---- record, play, recap

printf 'recording: someone mends a failing test in bash and Neovim '
mkfifo "$run/keys"
: >"$screen"
(
    cd "$project"
    exec playhead rec --headless --window-size 90x28 -t "median of an even list" <"$run/keys" >"$screen" 2>"$place/rec.log"
) &
recorder=$!
trap '' PIPE # a recorder that is gone is found by `await`
exec 3>"$run/keys"
mend
exec 3>&-
wait "$recorder" || fail "the recorder failed" "$place/rec.log"
recorder=
echo "[$SECONDS s]"

cd "$project"
echo "playing it in $fit, without the pauses:"
echo
playhead play last --plain --fit "$fit" </dev/null 2>&1 || fail "it cannot be played"
echo
playhead recap last </dev/null || fail "it has no recap"
playhead verify -q </dev/null || fail "the archive is not as it was written"

cat >"$place/playhead" <<SHELL
#!/bin/sh
PLAYHEAD_HOME='$PLAYHEAD_HOME' exec '$program' "\$@"
SHELL
chmod 755 "$place/playhead"
own=${place#"$OLDPWD"/}/playhead
next() { printf '  %-62s %s\n' "$1" "$2"; }
echo
echo 'Next:'
next "$own play last" 'the same in the player; ? shows its keys'
next "$own cat last" 'every event'
next "$own checkout last --at 50% --into /tmp/halfway" 'its files half way through'
next 'make install' 'playhead, its manual page, completions'
