#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the examples named in examples/tour.list, in that order, then the quick benchmarks.
# A line of tour.list is a program's name and its arguments; empty lines and lines starting with # are skipped.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/cmake/install-deps.sh"
. "$root/cmake/build-steps.sh"

stops=()
if [ -e "$root/examples/tour.list" ]; then
  mapfile -t stops < <(grep -Ev '^[[:space:]]*(#|$)' "$root/examples/tour.list" || true)
fi

say "build"
configure release -DVMSIM_BUILD_EXAMPLES=ON
targets=()
for stop in "${stops[@]}"; do targets+=("example_${stop%% *}"); done
if [ ${#targets[@]} -gt 0 ]; then build release "${targets[@]}"; fi

cd "$root"
for stop in "${stops[@]}"; do
  read -ra words <<<"$stop"
  say "$stop    (explained in examples/${words[0]}/README.md)"
  "build/release/examples/${words[0]}" "${words[@]:1}"
done

if [ -x bench/run.sh ]; then
  say "benchmarks, quick"
  bench/run.sh --quick
fi
