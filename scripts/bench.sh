#!/usr/bin/env bash
# bench.sh [--smoke] [ROW…]: builds what is measured and its peers, and prints the table.
set -euo pipefail
cd "$(dirname "$0")/.."

smoke=
for word in "$@"; do [ "$word" != --smoke ] || smoke=yes; done
if [ -z "${PLAYHEAD_DATA:-}" ] && [ -d ../shared/data/open ]; then
    PLAYHEAD_DATA=$(cd ../shared/data && pwd)
fi
[ -z "${PLAYHEAD_DATA:-}" ] || export PLAYHEAD_DATA=$PLAYHEAD_DATA/open
export PLAYHEAD_BENCH_PEERS=$PWD/Benchmarks/peers

# One optimised build for all: the program is built inside the benchmarks' own package.
build=(swift build -c release --static-swift-stdlib --package-path Benchmarks)
"${build[@]}" --product bench >&2
programs=$("${build[@]}" --show-bin-path)
tools=$PWD/build/bench
export PLAYHEAD_BENCH_TOOLS=$tools
mkdir -p "$tools"
gcc -O2 -o "$tools/broker-c" Benchmarks/peers/broker.c -lrabbitmq -lsqlite3
gcc -O2 -o "$tools/live-c" Benchmarks/peers/live.c -lrabbitmq -lpthread
gcc -O2 -shared -fPIC -o "$tools/slowsync.so" Benchmarks/peers/slowsync.c
if [ -z "$smoke" ]; then
    "${build[@]}" --product playhead >&2
    export PLAYHEAD_BENCH_PROGRAM=$programs/playhead
    gcc -O2 -o "$tools/libvterm" Benchmarks/peers/libvterm.c -lvterm
    if ! cmp -s Benchmarks/peers/requirements.txt "$tools/python/requirements.txt"; then
        python3 -m venv "$tools/python"
        "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r Benchmarks/peers/requirements.txt >&2
        cp Benchmarks/peers/requirements.txt "$tools/python/requirements.txt"
    fi
    mkdir -p "$tools/schema"
    protoc -I Sources/EventSchema --python_out "$tools/schema" events.proto
    export PYTHONPATH=$tools/schema
fi
exec "$programs/bench" "$@"
