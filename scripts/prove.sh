#!/usr/bin/env bash
# prove.sh [NAME ...]: runs the long proofs with the counts they were promised, and writes docs/proof/NAME.md.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A counts=(
    [kill]='--rounds 100' [bytes]='--rounds 100' [nvim]='--rounds 5 --operations 2000' [disk]='--rounds 20'
    [stall]='--rounds 20' [team]='--rounds 100'
)
declare -A words=(
    [kill]='kill -9 of recorder, editor bridge and agent at random moments; the archive against an fsynced witness'
    [bytes]='10 MB of terminal output a round, without an output limit, byte for byte'
    [nvim]='random operations in Neovim on emoji, combining marks and CRLF; every text equal, resyncs 0'
    [disk]='the disk of the archive fills up while it is written, and gets room again'
    [stall]='the agent is stopped and goes on or dies; a recorder leaves meanwhile; the index is deleted'
    [team]='kill -9 of recorder, agent, archiver and broker, an emptied broker, older archives; the team'"'"'s archive against a witness'
)
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(kill disk stall nvim bytes team)

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
