#!/usr/bin/env bash
# What scripts/test.sh leaves out: the clang build and its tests, the build without libxsmm, ThreadSanitizer, fuzzing, clang-tidy and
# clang-format.
#   scripts/check.sh [BASE]     tidy and format look at what changed since the commit BASE, uncommitted changes included (default: where
#                               this branch left origin/main; on main itself, or without one, the last commit)
set -euo pipefail
cd "$(dirname "$0")/.."
fork=$(git merge-base HEAD origin/main 2>/dev/null || true)
[ "$fork" != "$(git rev-parse HEAD)" ] || fork=
base=$(git rev-parse -q --verify "${1:-${fork:-HEAD~1}}^{commit}") || base=
if [ -z "$base" ] && [ $# -gt 0 ]; then
  echo "check.sh: there is no commit '$1'" >&2
  exit 2
fi
scripts/build-deps.sh tests check
python=$PWD/build/venv/bin/python
failed=()

configure() { cmake -S . -B "$1" -G Ninja -DCORNU_BENCH=OFF "${@:2}" >/dev/null; }  # FOLDER CMAKE-OPTIONS...
configure build-clang -DCMAKE_CXX_COMPILER=clang++ -DCORNU_BENCH=ON -DCORNU_PYTHON=ON -DPython_EXECUTABLE="$python"
{ cmake --build build-clang && ctest --test-dir build-clang -j "$(nproc)" --output-on-failure; } || failed+=(build-clang)

# Without libxsmm every product has another kernel.
configure build-plain -DCORNU_XSMM=OFF
{ cmake --build build-plain && ctest --test-dir build-plain -j "$(nproc)" --output-on-failure; } || failed+=(build-plain)

# Threads live in the team, in the thread that feeds a step, in training, which uses both, and among callers of direct computation.
configure build-tsan -DCORNU_SANITIZE=thread
{ cmake --build build-tsan --target test_base test_data test_compiler test_train &&
  ctest --test-dir build-tsan -R '^(base|data|compiler|train)$' --output-on-failure; } || failed+=(build-tsan)

scripts/fuzz.sh 20 || failed+=(fuzz)

if [ -z "$base" ]; then
  echo "There is no commit before this one to compare with: clang-tidy looks at everything, clang-format at nothing"
  mapfile -t changed < <(git ls-files 'cornu/*.cpp' 'tests/*.cpp' 'bench/*.cpp' 'examples/*.cpp' 'python/src/*.cpp')
else
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'cornu/*.cpp' 'tests/*.cpp' 'bench/*.cpp' 'examples/*.cpp' 'python/src/*.cpp')
fi
# What has a command in build-clang: not the rivals of bench/, programs that must not compile, and the like.
mapfile -t changed < <(for file in "${changed[@]}"; do ! grep -qF "\"file\": \"$PWD/$file\"" build-clang/compile_commands.json || echo "$file"; done)
if [ ${#changed[@]} -gt 0 ]; then
  printf '%s\n' "${changed[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build-clang --quiet || failed+=(clang-tidy)
fi
# Changed lines only: the rest of a file is its author's.
if [ -n "$base" ]; then
  format=$(git clang-format --diff -q --extensions h,cpp "$base" -- cornu tests bench examples python/src) || failed+=("git clang-format $base")
  if [ -n "$format" ]; then
    echo "$format"
    failed+=("clang-format (git clang-format $base puts it right)")
  fi
fi

if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
echo "clang, no libxsmm, ThreadSanitizer, fuzzing, clang-tidy, clang-format: all good"
