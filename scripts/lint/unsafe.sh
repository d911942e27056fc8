#!/usr/bin/env bash
# Are pointers only where C is met, and does each @unchecked Sendable and nonisolated(unsafe) give its reason?
set -euo pipefail
allowed=(
    ':!:Sources/Capture/System/*' ':!:Sources/Archive/Zstd/*' ':!:Sources/Archive/Zlib/*' ':!:Sources/Archive/SQLite/*'
    ':!:Sources/AMQPBridge/C/*'
    ':!:Sources/EventSchema/ContentHash.swift'
)
bad=0
if git grep -nP '\bUnsafe[A-Z]\w*|\bwithUnsafe\w+|(?<![\"(])\bunsafe(BitCast|DowncastTo|Downcast)?\b|\bOpaquePointer\b|\bUnmanaged\b' \
    -- 'Sources/*.swift' ':!:*.pb.swift' "${allowed[@]}"; then
    echo '  ^ pointers belong into the folders that scripts/lint/unsafe.sh names'
    bad=1
fi
while IFS= read -r file; do
    awk -v file="$file" '
        /@unchecked Sendable|nonisolated\(unsafe\)/ && !/\/\// && before !~ /\/\// {
            print file ":" FNR ": without its reason: " $0; bad = 1
        }
        { before = $0 }
        END { exit bad }
    ' "$file" || bad=1
done < <(git grep -lE '@unchecked Sendable|nonisolated\(unsafe\)' -- 'Sources/*.swift' ':!:*.pb.swift' || true)
exit "$bad"
