#!/bin/sh
# Are the shell scripts clean?
set -eu
git ls-files -z 'scripts/*.sh' .ci/run | xargs -0 shellcheck
# What a snippet leaves for later to expand looks like a mistake to shellcheck, and so do empty prefix assignments.
git ls-files -z 'Integrations/*.bash' | xargs -0 -r shellcheck --shell=bash --exclude=SC1003,SC1007,SC2016
