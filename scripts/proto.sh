#!/usr/bin/env bash
# proto.sh [FOLDER]: generates the Swift of events.proto, with Debian's protoc and the plugin of our own swift-protobuf.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-Sources/EventSchema/Generated}
scratch=.build-protoc
swift build -c release --product protoc-gen-swift --scratch-path "$scratch"
plugin=$(swift build -c release --show-bin-path --scratch-path "$scratch")/protoc-gen-swift
protoc --plugin=protoc-gen-swift="$plugin" --proto_path=Sources/EventSchema \
    --swift_opt=Visibility=Public --swift_out="$out" events.proto
