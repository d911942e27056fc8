#!/usr/bin/env bash
# follow-venv.sh FOLDER: what docs/examples/follow.py needs, once: pika and protobuf from PyPI, and the generated module.
# Prints the python to run it with.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?a folder}
if [ ! -e "$folder/ready" ]; then
    rm -rf -- "$folder"
    python3 -m venv "$folder"
    # Debian's protoc writes modules for this major version of the library.
    "$folder/bin/pip" install --quiet --disable-pip-version-check 'pika==1.*' 'protobuf==4.*' >&2
    : >"$folder/ready"
fi
protoc --proto_path=Sources/EventSchema --python_out="$folder" events.proto
echo "$folder/bin/python"
