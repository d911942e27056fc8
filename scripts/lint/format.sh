#!/bin/sh
# Is all Swift in the form of .swift-format (no forced unwraps and tries in Sources)?
set -eu
git ls-files -z '*.swift' ':!:*.pb.swift' | xargs -0 swift format lint --strict --parallel
