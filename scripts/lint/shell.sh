#!/bin/sh
# Are the shell scripts clean?
set -eu
git ls-files -z 'scripts/*.sh' .ci/run | xargs -0 shellcheck
git ls-files -z 'Integrations/*.bash' | xargs -0 -r shellcheck --shell=bash
