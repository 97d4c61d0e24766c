#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what vmsim needs to build and test (Debian 12, Ubuntu 24.04). Does nothing when all of it is there.
# Usage: install-deps.sh [ci]; `ci` adds clang, valgrind and clang's sanitizer runtimes.
set -eu

# One word a need; alternatives with "|", first choice first; "?" in front: done without where no package is known.
needs="g++ cmake ninja-build|make pkg-config|pkgconf libboost-dev libfmt-dev libexpected-dev
  libdw-dev libgtest-dev libgmock-dev libbenchmark-dev libabsl-dev nlohmann-json3-dev libcli11-dev"
if [ "${1:-}" = ci ]; then
  needs="$needs clang valgrind ?libclang-rt-dev|libclang-rt-14-dev|libclang-rt-18-dev"
fi

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }
known() { apt-cache show "$1" >/dev/null 2>&1; }
alternatives() { printf '%s' "${1#\?}" | tr '|' ' '; }

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-deps: no apt here. vmsim needs what Debian calls:" >&2
  for need in $needs; do echo "  $(alternatives "$need" | sed 's/ / or /g')" >&2; done
  exit 1
fi

missing=""
for need in $needs; do
  found=no
  for package in $(alternatives "$need"); do
    if installed "$package"; then found=yes; fi
  done
  [ "$found" = yes ] || missing="$missing $need"
done
[ -n "$missing" ] || exit 0

root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: not root and no sudo; as root, install:$missing" >&2
    exit 1
  fi
  root=sudo
fi
echo "install-deps: not installed:$missing"
$root apt-get update -q

chosen=""
for need in $missing; do
  choice=""
  for package in $(alternatives "$need"); do
    if [ -z "$choice" ] && known "$package"; then choice=$package; fi
  done
  case $choice$need in
    \?*) continue ;; # optional and unknown here
  esac
  # An unknown name is left to apt, which says so.
  [ -n "$choice" ] || choice=$(alternatives "$need" | cut -d' ' -f1)
  chosen="$chosen $choice"
done
[ -n "$chosen" ] || exit 0
echo "install-deps: installing$chosen"
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $chosen
