#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tour, the folders of examples/ and docs/examples.md name the same examples, each with a page and a transcript.
# Usage: tour_is_whole.sh SOURCE_DIR
set -euo pipefail
cd "$1"
folders=$(printf '%s\n' examples/*/main.cpp | cut -d/ -f2 | sort)
tour=$(grep -Ev '^[[:space:]]*(#|$)' examples/tour.list | awk '{print $1}' | sort)
if [ "$folders" != "$tour" ]; then
  diff <(echo "$folders") <(echo "$tour") || true
  echo "examples/ (<) and examples/tour.list (>) differ" >&2
  exit 1
fi
for name in $folders; do
  for file in README.md expected.txt; do
    if ! [ -s "examples/$name/$file" ]; then echo "examples/$name/$file is missing" >&2; exit 1; fi
  done
  if ! grep -q "examples/$name/README.md" docs/examples.md; then
    echo "docs/examples.md does not name $name" >&2
    exit 1
  fi
done
