#!/usr/bin/env bash
# proto.sh [FOLDER]: generates the Swift of events.proto, with Debian's protoc and the plugin of our own swift-protobuf.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-Sources/EventSchema/Generated}
# A debug build: most of it is there already, from the build of the tests.
swift build --product protoc-gen-swift
plugin=$(swift build --show-bin-path)/protoc-gen-swift
protoc --plugin=protoc-gen-swift="$plugin" --proto_path=Sources/EventSchema \
    --swift_opt=Visibility=Public --swift_out="$out" events.proto
