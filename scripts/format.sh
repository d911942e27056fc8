#!/bin/sh
# Puts all hand-written Swift into the form of .swift-format.
set -eu
cd "$(dirname "$0")/.."
git ls-files -z --cached --others --exclude-standard '*.swift' ':!:*.pb.swift' | xargs -0 swift format format --parallel -i
