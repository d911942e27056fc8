#!/usr/bin/env bash
# Is the generated Swift that of events.proto?
set -euo pipefail
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/proto.sh "$fresh" >"$fresh/log" 2>&1 || { cat "$fresh/log"; exit 1; }
diff -u Sources/EventSchema/Generated/events.pb.swift "$fresh/events.pb.swift" || { echo 'run: make proto'; exit 1; }
