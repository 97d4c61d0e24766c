# SPDX-License-Identifier: MIT
# Shell functions that tests/run.sh, examples/tour.sh and .ci/run share; sourced by bash with `root` set.
: "${root:?set root to the top of the source tree first}"

export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$CMAKE_BUILD_PARALLEL_LEVEL}"
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER-ccache}"
  export CMAKE_CXX_COMPILER_LAUNCHER="${CMAKE_CXX_COMPILER_LAUNCHER-ccache}"
  export CCACHE_BASEDIR="${CCACHE_BASEDIR-$root}"
fi

say() { printf '\n== %s\n' "$*"; }

# configure PRESET [cmake argument]...: into build/PRESET. A folder configured before keeps its generator.
configure() {
  local preset=$1 generator=()
  shift
  if [ ! -e "$root/build/$preset/CMakeCache.txt" ] && command -v ninja >/dev/null; then
    generator=(-G Ninja)
  fi
  (cd "$root" && cmake --preset "$preset" "${generator[@]}" "$@")
}

# build PRESET [target]...
build() {
  local preset=$1 targets=()
  shift
  if [ $# -gt 0 ]; then targets=(--target "$@"); fi
  cmake --build "$root/build/$preset" "${targets[@]}"
}

# run_ctest PRESET [ctest argument]...
run_ctest() {
  local preset=$1
  shift
  ctest --test-dir "$root/build/$preset" --output-on-failure "$@"
}
