#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Collects every `Differs:` paragraph of the sources into the second half of docs/limitations.md.
#   docs/collect-differs.sh          rewrites the file
#   docs/collect-differs.sh --check  fails if the file is not what the sources say
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/limitations.md
marker='<!-- From here on: collected from the sources by docs/collect-differs.sh. -->'
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
awk -v marker="$marker" '{ print } $0 == marker { exit }' "$page" > "$fresh"
grep -qxF -- "$marker" "$fresh" || { echo "$page: the line '$marker' is missing" >&2; exit 1; }
find src include -name '*.?pp' -o -path '*kapi*' -name '*.h' | LC_ALL=C sort | while read -r file; do
  awk -v file="$file" '
    function finish() { if (text != "") printf "- `%s`: %s\n", file, text; text = "" }
    {
      comment = match($0, /^[ \t]*(\/\/\/?<?|\*|\/\*)/)
      body = $0
      sub(/^[ \t]*(\/\/\/?<?|\*\/?|\/\*+)[ \t]*/, "", body)
      sub(/[ \t]*\*\/[ \t]*$/, "", body)
      if (match(body, /Differs: /)) { finish(); text = substr(body, RSTART + 9); next }
      if (text != "" && comment && body != "" && body !~ /^(vmsim:|Pre:|SPDX)/) { text = text " " body; next }
      finish()
    }
    END { finish() }' "$file"
done >> "$fresh"
if [ "${1:-}" = --check ]; then
  diff -u "$page" "$fresh" || { echo "run docs/collect-differs.sh and commit $page" >&2; exit 1; }
else
  cat "$fresh" > "$page"
fi
