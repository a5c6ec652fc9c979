#!/usr/bin/env bash
# Builds and runs all tests: under the flags that ship (build/), then once under ASan and UBSan (build-asan/).
# Ends with what ctest says of each.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build-deps.sh tests
export UBSAN_OPTIONS=print_stacktrace=1
failed=0

check() {  # FOLDER CMAKE-OPTIONS...
  local folder=$1; shift
  cmake -S . -B "$folder" -G Ninja "$@" >/dev/null
  cmake --build "$folder"
  ctest --test-dir "$folder" -j "$(nproc)" --output-on-failure | tee "$folder/ctest.log" || failed=1
}
check build -DCMAKE_BUILD_TYPE=Release -DCORNU_PYTHON=ON
check build-asan -DCMAKE_BUILD_TYPE=Release -DCORNU_SANITIZE=address -DCORNU_BENCH=OFF

echo
for folder in build build-asan; do
  echo "$folder: $(grep -E 'tests passed|tests failed|No tests' "$folder/ctest.log" || echo 'ctest did not finish')"
done
exit $failed
