#!/usr/bin/env bash
# prove.sh [NAME ...]: runs the long proofs with the counts they were promised, and writes docs/proof/NAME.md.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A counts=(
    [kill]='--rounds 100' [bytes]='--rounds 100' [nvim]='--rounds 5 --operations 2000' [disk]='--rounds 20'
    [stall]='--rounds 20' [team]='--rounds 390 --away 60s' [wire]='--rounds 60'
    [joins]='--rounds 200' [apart]='--rounds 30'
    [follow-editors]='--rounds 10 --operations 400'
)
declare -A words=(
    [kill]='kill -9 of recorder, editor bridge and agent at random moments; the archive against an fsynced witness'
    [bytes]='10 MB of terminal output a round, without an output limit, byte for byte'
    [nvim]='random operations in Neovim on emoji, combining marks and CRLF; every text equal, resyncs 0'
    [disk]='the disk of the archive fills up while it is written, and gets room again'
    [stall]='the agent is stopped and goes on or dies; a recorder leaves meanwhile; the index is deleted'
    [team]='kill -9 of publisher, archiver and broker while a shell and a driven Neovim are recorded (and of recorder and editor bridge); a broker away, an emptied broker, older archives. The team'"'"'s archive against an fsynced witness, its texts against the editors'"'"'. The broker is not killed in the first 4 s of its queue, which RabbitMQ 3.10 loses then'
    [wire]='the networks between agent and broker and between archiver and broker break: reset, FIN, half-open, answers lost, stalled, 1-byte slices, throttled, cut after N bytes. The team'"'"'s archive as for the campaign team; nobody hangs'
    [joins]='followers join (live, from the start, a note, a moment) while agent, archiver, broker and networks are killed, cut, half-opened and throttled. Each follower'"'"'s events and states against those of one present from the start'
    [apart]='who works and who follows are on two machines (network namespaces) whose cable is pulled for up to 15 s. The team'"'"'s archive and the follower have everything afterwards'
    [follow-editors]='Neovim and Emacs, each on a screen of its own, follow random operations in a recorded Neovim over RabbitMQ; texts, the leader'"'"'s cursor and the view compared after each round, then the shell, an own move, a cut and a tied tether'
)
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(kill disk stall nvim bytes team wire joins apart follow-editors)

configuration=${PROVE_CONFIGURATION:-release}
# As `make install` builds it: one release build serves both.
build=(swift build -c "$configuration")
[ "$configuration" = debug ] || build+=(--static-swift-stdlib)
"${build[@]}" --product playhead
"${build[@]}" --product campaign
campaign=$("${build[@]}" --show-bin-path)/campaign
mkdir -p docs/proof
# As it is before the first round, not what somebody commits meanwhile.
commit=$(git rev-parse --short HEAD)$(git diff --quiet HEAD -- Sources Integrations Tests || echo ' and changes')
failed=0
for name in "${names[@]}"; do
    log=$(mktemp)
    seed=$((RANDOM * 32768 + RANDOM))
    status=0
    # shellcheck disable=SC2086 # several words
    "$campaign" "$name" ${counts[$name]} --seed "$seed" | tee "$log" || status=1
    failed=$((failed + status))
    {
        echo "# Proof: $name"
        echo
        echo "${words[$name]}."
        echo
        echo "- commit: $commit"
        echo "- seed: $seed, $configuration build, $(date -u +%F)"
        echo "- again: \`campaign $name ${counts[$name]} --seed $seed\`"
        echo "- result: $(tail -n 1 "$log")"
        awk '/^  / && !/^  round / { sub(/^ +/, "- "); print }' "$log"
        echo
        echo '```'
        # Where the archive was made is no part of the result.
        awk '/^  round / { n++; line[n] = $0 } END { for (i = 1; i <= n; i++) if (i <= 5 || i > n - 5) print line[i]; else if (i == 6) print "  ..." }' "$log"
        echo '```'
    } >"docs/proof/$name.md"
    rm -f "$log"
done
exit "$((failed > 0))"
