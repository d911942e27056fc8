#!/usr/bin/env bash
# Does docs/ARCHITECTURE.md list exactly the rooms there are?
set -euo pipefail
diff <(git ls-files 'Sources/*' 'Integrations/*' | awk -F / '{ print $1 == "Integrations" ? $1 : $2 }' | sort -u) \
    <(awk -F '`' '/^\| `[A-Za-z]+`/ { for (i = 2; i < NF; i += 2) { print $i; if ($(i + 1) !~ /^, $/) break } }' \
        docs/ARCHITECTURE.md | sort -u) |
    sed -n 's/^< /no row for Sources\//p; s/^> /no such room: /p' | awk '{ print; bad = 1 } END { exit bad }'
