#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build into an empty prefix, moves it, and builds a consumer against it with CMake and with pkg-config.
# Usage: install_test.sh CMAKE BUILD_DIR WORK_DIR CC CXX
set -euo pipefail
cmake=$1 build=$2 work=$3 cc=$4 cxx=$5
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/prefix" # a package that can be moved keeps no path
prefix=$work/prefix

if grep -rlF --include='*.cmake' --include='*.pc' --include='*.h' --include='*.hpp' \
    -e "$root/" -e "$work/first" "$prefix"; then
  echo "the files above name the source tree or the prefix they were installed to" >&2
  exit 1
fi

# The consumer is the README's: its driver, its program, its CMake lines.
"$root/tests/readme/extract.sh" "$root/README.md" "$work/hello"

echo "== with CMake"
"$cmake" -S "$work/hello" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_BUILD_TYPE=Release
"$cmake" --build "$work/build" --verbose
"$root/tests/readme/check.sh" "$work/build/hello" "$work/build/hello_map.vko"

echo "== with pkg-config"
pc=$(dirname "$(find "$prefix" -name vmsim.pc)")
export PKG_CONFIG_PATH=$pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
test -d "$(pkg-config --variable=kapidir vmsim)/vmsim"
# shellcheck disable=SC2046 # flags are words
"$cxx" -std=c++20 -O1 "$work/hello/main.cpp" -o "$work/hello-pc" $(pkg-config --cflags --libs vmsim)
libdir=$(pkg-config --variable=libdir vmsim)
LD_LIBRARY_PATH=$libdir "$root/tests/readme/check.sh" "$work/hello-pc" "$work/build/hello_map.vko"

if [ -x "$prefix/bin/vmsim" ]; then
  echo "== with vmsim cc"
  (cd "$work" && CC=$cc "$prefix/bin/vmsim" cc hello/hello_map.c -o hello-cc.vko)
  "$root/tests/readme/check.sh" "$work/build/hello" "$work/hello-cc.vko"
fi
