#!/usr/bin/env bash
# demo-team.sh: a private RabbitMQ and an archiver; two people record at once, a third one plays what both did.
# Everything is in build/demo-team, each person with a home of their own; the next run begins anew.
# PLAYHEAD_DEMO_DIR: another folder. PLAYHEAD_DEMO_PROGRAM: a playhead that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${PLAYHEAD_DEMO_PROGRAM:-$(swift build --show-bin-path)/playhead}
place=${PLAYHEAD_DEMO_DIR:-$PWD/build/demo-team}

fail() {
    echo "demo-team: $1" >&2
    [ ! -s "${2:-}" ] || tail -n 20 -- "$2" | sed 's/^/    /' >&2
    exit 1
}

[ -x "$program" ] || fail "there is no $program; \`make demo-team\` builds it"
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || fail "RabbitMQ is missing; \`make demo-team\` installs it"

for name in ${!PLAYHEAD_*} ${!XDG_*} ENV BASH_ENV PROMPT_COMMAND HISTFILE; do unset "$name"; done

# What an earlier run left must not be in the way.
broker_of() { "$program" broker stop --directory "$1" >/dev/null 2>&1 || true; }
[ ! -d "$place/office/home/broker" ] || broker_of "$place/office/home/broker"
rm -rf -- "$place"
mkdir -p -- "$place"
place=$(cd "$place" && pwd -P)
run=$(mktemp -d "${TMPDIR:-/tmp}/playhead-demo.XXXXXX")
server=

variables=()
put_on() { # PERSON: a home and a workspace of their own
    (umask 077 && mkdir -p "$place/$1/home" "$run/$1")
    mkdir -p "$place/$1/project" "$place/$1/user"
    [ -e "$place/$1/user/.bashrc" ] || echo "PS1='$1 \$ '" >"$place/$1/user/.bashrc"
    [ -e "$place/$1/project/.git" ] || git init -q "$place/$1/project"
    variables=(
        -C "$place/$1/project" HOME="$place/$1/user" USER="$1" XDG_RUNTIME_DIR="$run/$1" PLAYHEAD_HOME="$place/$1/home"
        PLAYHEAD_AGENT_IDLE=5 SHELL="$(command -v bash)" TERM=xterm-256color LC_ALL=C.UTF-8
    )
}
playhead_as() { # PERSON VERB…
    put_on "$1"
    shift
    env "${variables[@]}" "$program" "$@"
}

clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    for person in alice bob; do playhead_as "$person" agent --stop >/dev/null 2>&1 || true; done
    broker_of "$place/office/home/broker"
    rm -rf -- "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say '1. A private RabbitMQ, a team of three, an archiver'
playhead_as office broker start
for person in alice bob carol; do playhead_as office team add "$person" -q >"$place/$person.login"; done
playhead_as office team grant carol alice
playhead_as office team grant carol bob
url() { playhead_as office broker url --as "$1"; }
address=$(url archiver)
put_on office
env "${variables[@]}" "$program" serve --broker "$address" >"$place/serve.log" 2>&1 &
server=$!

record() { # PERSON TITLE: types what comes, a line at a time, and waits for a prompt as a person does
    local line
    while IFS= read -r line; do
        sleep 1.2
        printf '%s\n' "$line"
    done | playhead_as "$1" rec --headless -t "$2" --broker "$(url "$1")" >"$place/$1.log" 2>&1 ||
        fail "$1's recording failed" "$place/$1.log"
}

say '2. Alice and Bob record at the same time, each in a workspace of their own'
record alice 'parser' <<'LINES' &
echo 'def words(text): return text.split(",")' > words.py
python3 -c 'import words; assert words.words("a b") == ["a", "b"]'
sed -i 's/","//' words.py
python3 -c 'import words; assert words.words("a b") == ["a", "b"]' && echo green
LINES
first=$!
record bob 'disk check' <<'LINES' &
df -h . | tail -n 1
du -sh . 2>/dev/null
echo 'room enough'
LINES
second=$!
wait "$first" || exit 1
wait "$second" || exit 1
playhead_as alice status

say '3. What the broker holds, and what the archiver has made of it'
for _ in $(seq 50); do
    [ "$(playhead_as carol ls --json --broker "$(url carol)" | grep -c '"open":false')" = 2 ] && break
    sleep 0.2
done
playhead_as office broker status
playhead_as carol cat @alice @bob --json --broker "$(url carol)" | awk '
    match($0, /"kind":"[a-z_]*"/) { n[substr($0, RSTART + 8, RLENGTH - 9)]++; all++ }
    END { printf "%d events of both in the archive: %d commands, %d pieces of output\n", all, n["command_started"], n["terminal_output"] }'

say '4. Carol, who has a login and nothing else, lists both and plays them on one timeline'
playhead_as carol ls --broker "$(url carol)"
playhead_as carol play @alice @bob --plain -s 2 --broker "$(url carol)" | tee "$place/both.txt"
grep -q green "$place/both.txt" || fail "what Alice did was not played" "$place/serve.log"
grep -q 'room enough' "$place/both.txt" || fail "what Bob did was not played" "$place/serve.log"

say '5. The archiver is asked to go, and finishes what is under way'
kill "$server"
wait "$server" || fail 'the archiver did not end well' "$place/serve.log"
server=
echo 'done; everything is in' "$place"
