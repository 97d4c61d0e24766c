#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Writes the fenced blocks of README.md as a project of their own: hello_map.c, main.cpp and CMakeLists.txt.
# Files that have not changed are left alone.
# Usage: extract.sh README.md FOLDER
set -euo pipefail
readme=$1 folder=$2
mkdir -p "$folder"

# block LANGUAGE: the one block of that language.
block() {
  awk -v fence='```' -v language="$1" '
    $0 == fence && inside { inside = 0 }
    inside { print }
    $0 == fence language { inside = 1; blocks++ }
    END {
      if (blocks == 1) exit 0
      print "README.md has " blocks + 0 " " language " blocks, not one" >"/dev/stderr"
      exit 1
    }
  ' "$readme"
}
keep() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

block c | keep "$folder/hello_map.c"
block cpp | keep "$folder/main.cpp"
block cmake | keep "$folder/CMakeLists.txt"
