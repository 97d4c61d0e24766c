#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the README's program and looks for what the README promises.
# Usage: check.sh PROGRAM DRIVER
set -euo pipefail
output=$("$1" "$2")
printf '%s\n' "$output"
for promised in '^hello from the kernel$' '^[0-9a-f]+-[0-9a-f]+ rw-s 00000000 .* /dev/hello$' '^walk of 0x' '^PTE\[' \
    '^=> physical 0x'; do
  if ! grep -Eq "$promised" <<<"$output"; then
    echo "the output has no line like: $promised" >&2
    exit 1
  fi
done
