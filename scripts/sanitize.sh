#!/usr/bin/env bash
# sanitize.sh [thread|address ...]: the tests of what runs on several threads and meets C, under ThreadSanitizer and
# AddressSanitizer. The last line of each is "sanitize NAME: N passed, N failed, N reports".
set -euo pipefail
cd "$(dirname "$0")/.."

export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan.supp" LSAN_OPTIONS="suppressions=$PWD/scripts/lsan.supp"
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(thread address)
filter=${SANITIZE_FILTER:-'^(AMQPBridgeTests|DeliveryTests)\.'}
failed=0
for kind in "${kinds[@]}"; do
    case $kind in
        thread) short=tsan ;;
        address) short=asan ;;
        *) echo "sanitize.sh: thread or address, not '$kind'" >&2; exit 64 ;;
    esac
    swift build --build-tests --sanitize="$kind" --scratch-path ".build-$short"
    log=$(mktemp)
    status=0
    swift test --skip-build --sanitize="$kind" --scratch-path ".build-$short" --disable-xctest --no-parallel \
        --filter "$filter" </dev/null >"$log" 2>&1 || status=$?
    reports=$(grep -cE '^(WARNING: ThreadSanitizer|SUMMARY: AddressSanitizer|==[0-9]+==ERROR)' "$log" || true)
    passed=$(awk '$2 == "Test" && $3 != "run" && $3 != "case" && / passed after /' "$log" | wc -l)
    broken=$(awk '$2 == "Test" && $3 != "run" && $3 != "case" && / failed after /' "$log" | wc -l)
    # Without a test that passed nothing was looked at.
    if [ "$status" -ne 0 ] || [ "$reports" -ne 0 ] || [ "$passed" -eq 0 ]; then
        failed=1
        cat "$log"
    fi
    rm -f "$log"
    echo "sanitize $kind: $passed passed, $broken failed, $reports reports"
done
exit "$failed"
