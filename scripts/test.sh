#!/usr/bin/env bash
# test.sh [swift test arguments]: builds and runs the tests; the last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${PLAYHEAD_DATA:-}" ] && [ -d ../shared/data ]; then
    PLAYHEAD_DATA=$(cd ../shared/data && pwd)
    export PLAYHEAD_DATA
fi

swift build --build-tests
mkdir -p build
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
swift test --skip-build --disable-xctest --no-parallel "$@" </dev/null 2>&1 | tee "$log" || status=$?

# Swift Testing says "Test NAME passed|failed|skipped …" for each test and "Test run with N tests …" for all.
awk '
    $2 == "Test" && $3 != "run" && $3 != "case" && / passed after / { passed++ }
    $2 == "Test" && $3 != "run" && $3 != "case" && / failed after / { failed++ }
    $2 == "Test" && / skipped/ { skipped++ }
    END { printf "%d passed, %d failed%s\n", passed, failed, skipped ? sprintf(", %d skipped", skipped) : "" }
' "$log" | tee build/test-summary
exit "$status"
