#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles every header of the C face alone, included twice, for each kernel version; *_types.h also as C++20.
# Usage: headers_alone.sh CC CXX INCLUDE_DIR FLAGS_DIR VERSION...; FLAGS_DIR has the flags-VERSION of a driver.
# A header that one of these opens with (first 10 lines) is left out elsewhere: vmsim-from: 5.0, vmsim-until: 2.6.37.
set -uo pipefail
cc=$1 cxx=$2 include=$3 flags_dir=$4
shift 4
kapi=$include/vmsim/kapi
failed=0

version_code() {
  local parts
  IFS=. read -ra parts <<<"$1"
  echo $((parts[0] * 65536 + ${parts[1]:-0} * 256 + ${parts[2]:-0}))
}

# Prints the headers of one version, as a driver would write them.
headers_for() {
  local version header line from until
  version=$(version_code "$1")
  while read -r header; do
    from=0 until=999999999
    while read -r line; do
      [[ $line =~ vmsim-from:\ *([0-9.]+) ]] && from=$(version_code "${BASH_REMATCH[1]}")
      [[ $line =~ vmsim-until:\ *([0-9.]+) ]] && until=$(version_code "${BASH_REMATCH[1]}")
    done < <(head -n 10 "$kapi/$header")
    if ((from <= version && version < until)); then echo "$header"; fi
  done
}

# in_parallel COMMAND...: reads header names, compiles each with COMMAND from its standard input.
in_parallel() {
  xargs -r -P "$(nproc)" -I{} bash -c '
    header=$1; shift
    if ! out=$(printf "#include <%s>\n#include <%s>\n" "$header" "$header" | "$@" -fsyntax-only - 2>&1); then
      printf "FAILED alone: %s (%s)\n%s\n\n" "$header" "$1" "$out"
      exit 1
    fi' one {} "$@" || failed=1
}

all=$(cd "$kapi" && find . -name '*.h' -printf '%P\n' | sort)
for version in "$@"; do
  chosen=$(headers_for "$version" <<<"$all")
  echo "$version: $(wc -w <<<"$chosen") headers"
  in_parallel "$cc" "@$flags_dir/flags-$version" -Werror -Wno-unused -x c <<<"$chosen"
done

types=$(cd "$include" && find vmsim/kapi/vmsim -name '*_types.h' | sort)
echo "types: $(wc -w <<<"$types") headers"
in_parallel "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$include" -x c++ <<<"$types"
for std in gnu89 gnu17; do
  in_parallel "$cc" -std=$std -Wall -Wextra -Werror -I"$include" -x c <<<"$types"
done

if [ $failed -eq 0 ] && ! [ -e "$kapi/linux/kconfig.h" ]; then
  echo "skipped: no linux/kconfig.h, without which no driver compiles"
  exit 77
fi
exit $failed
