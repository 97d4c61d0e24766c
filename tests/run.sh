#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the release preset and runs every test, the quick ones first. Arguments go to ctest (e.g. -R VmaSet).
# CMAKE_BUILD_PARALLEL_LEVEL bounds the jobs (default: all CPUs); VMSIM_WERROR=ON makes warnings errors.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/cmake/install-deps.sh"
. "$root/cmake/build-steps.sh"

say "configure build/release"
configure release -DVMSIM_BUILD_TESTS=ON ${VMSIM_WERROR:+-DVMSIM_WERROR="$VMSIM_WERROR"}
say "build"
build release
say "quick tests"
run_ctest release -L quick "$@"
say "the other tests"
run_ctest release -LE quick "$@"
