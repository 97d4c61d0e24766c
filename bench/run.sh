#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the benchmarks, prints each subject against its floor or peer, and writes ratios.json and plots.
#   bench/run.sh [--quick] [--out FOLDER] [benchmark options…]
# It says which targets are not met and never fails because of a timing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
. cmake/build-steps.sh
quick=0
out=build/bench
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1; shift ;;
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    *) break ;;
  esac
done
cmake/install-deps.sh
say "build the benchmarks"
configure release -DVMSIM_BUILD_BENCH=ON
build release vmsim_bench vmsim_ratios
mkdir -p "$out"
options=(--benchmark_enable_random_interleaving=true --benchmark_repetitions=5 --benchmark_min_time=0.05)
quick_rows='^(P7|P1[0-8]|P2[0-9]/bytes|F[0-9]|P[1246]/[^/]*/[^/]*/4096)'
if [ "$quick" = 1 ]; then
  options=(--benchmark_repetitions=3 --benchmark_min_time=0.01 "--benchmark_filter=$quick_rows")
fi
echo "running the benchmarks (about $([ "$quick" = 1 ] && echo half a minute || echo four minutes))"
build/release/bench/vmsim_bench "${options[@]}" "$@" --benchmark_out="$out/report.json" --benchmark_out_format=json \
  > "$out/report.txt" 2>&1 || { tail -20 "$out/report.txt"; exit 1; }
brief=()
if [ "$quick" = 1 ]; then brief=(--brief); fi
build/release/bench/vmsim_ratios "$out/report.json" "$out" "${brief[@]}"
