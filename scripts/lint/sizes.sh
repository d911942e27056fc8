#!/bin/sh
# Is no hand-written Swift file, plug-in or script longer than 400 lines?
set -eu
git ls-files '*.swift' 'Integrations/*' 'scripts/*' ':!:*.pb.swift' | xargs wc -l |
    awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines"; bad = 1 } END { exit bad }'
