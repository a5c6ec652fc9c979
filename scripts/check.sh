#!/usr/bin/env bash
# What scripts/test.sh leaves out: the clang build and its tests, the build without libxsmm, clang-tidy, clang-format, ThreadSanitizer.
#   scripts/check.sh [BASE]     tidy and format look at what changed since BASE (default: origin/main, else the last commit)
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build-deps.sh tests check
base=${1:-$(git rev-parse -q --verify origin/main || git rev-parse HEAD~1)}
failed=()

configure() { cmake -S . -B "$1" -G Ninja -DCORNU_BENCH=OFF "${@:2}" >/dev/null; }  # FOLDER CMAKE-OPTIONS...
configure build-clang -DCMAKE_CXX_COMPILER=clang++
{ cmake --build build-clang && ctest --test-dir build-clang -j "$(nproc)" --output-on-failure; } || failed+=(build-clang)

# Without libxsmm every product has another kernel.
configure build-plain -DCORNU_XSMM=OFF
{ cmake --build build-plain && ctest --test-dir build-plain -j "$(nproc)" --output-on-failure; } || failed+=(build-plain)

# Threads live in the team, in the thread that feeds a step, and in training, which uses both.
configure build-tsan -DCORNU_SANITIZE=thread
{ cmake --build build-tsan --target test_base test_data test_train &&
  ctest --test-dir build-tsan -R '^(base|data|train)$' --output-on-failure; } || failed+=(build-tsan)

mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'cornu/*.cpp' 'tests/*.cpp' 'bench/*.cpp' 'examples/*.cpp' ':!bench/rivals')
if [ ${#changed[@]} -gt 0 ]; then
  printf '%s\n' "${changed[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build-clang --quiet || failed+=(clang-tidy)
fi
# Changed lines only: the rest of a file is its author's.
format=$(git clang-format --diff -q --extensions h,cpp "$base" -- cornu tests bench examples || true)
if [ -n "$format" ]; then
  echo "$format"
  failed+=("clang-format (git clang-format $base puts it right)")
fi

if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
echo "clang, no libxsmm, clang-tidy, clang-format, ThreadSanitizer: all good"
