#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs an example twice: it succeeds, prints the same both times, and prints what expected.txt has; each but for what
# mask.sed takes out.
# Usage: compare.sh PROGRAM EXPECTED WORK_FILE; with VMSIM_UPDATE=1 it writes EXPECTED.
set -euo pipefail
program=$1 expected=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
mask() { sed -E -f "$here/mask.sed" "$1"; }

"$program" >"$work.out"
"$program" >"$work.again"
if ! diff -u <(mask "$work.out") <(mask "$work.again"); then
  echo "two runs differ" >&2
  exit 1
fi
if [ -n "${VMSIM_UPDATE:-}" ]; then cp "$work.out" "$expected"; fi
if ! diff -u <(mask "$expected") <(mask "$work.out"); then
  echo "expected.txt (-) and the output (+) differ; VMSIM_UPDATE=1 takes the output over" >&2
  exit 1
fi
