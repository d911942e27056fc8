#!/usr/bin/env bash
# Runs every check of scripts/lint/, each one question, and says which did not pass.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
for check in scripts/lint/*.sh; do
    name=$(basename "$check" .sh)
    if output=$("$check" 2>&1); then
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        while IFS= read -r line; do echo "        $line"; done <<<"$output"
    fi
done
[ "$failed" -eq 0 ] || { echo "$failed of the checks failed" >&2; exit 1; }
