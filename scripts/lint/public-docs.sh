#!/usr/bin/env bash
# Does every public type say what it is?
set -euo pipefail
# shellcheck disable=SC2016 # awk's own fields
git ls-files 'Sources/*.swift' ':!:*.pb.swift' | xargs awk '
    FNR == 1 { doc = 0 }
    /^ *\/\/\// { doc = 1; next }
    /^ *@/ && !/(struct|class|enum|actor|protocol) / { next }
    /^public (final |indirect |nonisolated )*(struct|class|enum|actor|protocol) / && !doc {
        print FILENAME ":" FNR ": no documentation: " $0; bad = 1
    }
    { doc = 0 }
    END { exit bad }
'
