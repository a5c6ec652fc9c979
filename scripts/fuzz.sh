#!/usr/bin/env bash
# Looks for bytes that harm the readers of files: libFuzzer with ASan and UBSan, one target for each format (tests/fuzz/).
#   scripts/fuzz.sh [SECONDS [FORMAT...]]     SECONDS for each format (default 20); default formats: all
# New inputs gather in build-fuzz/found/FORMAT and are where the next run goes on. What fails is written to build-fuzz/FORMAT-crash-...:
# mend the reader, and put the file into tests/fuzz/corpus/FORMAT, where the tests give it to the reader forever.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
[ $# -lt 2 ] && formats=(archive csv hdf5 idx json zip) || formats=("${@:2}")
cmake -S tests/fuzz -B build-fuzz -G Ninja -DCORNU_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ >/dev/null
cmake --build build-fuzz -- "${formats[@]/%/_fuzz}"

# Files that Keras and h5py wrote are good to begin with.
declare -A seeds=([archive]=tests/golden/fixtures [zip]=tests/golden/fixtures [hdf5]=tests/io/fixtures [json]=tests/golden/fixtures [idx]="" [csv]="")
failed=()
for format in "${formats[@]}"; do
  mkdir -p "build-fuzz/found/$format"
  echo "$format: $seconds s"
  # shellcheck disable=SC2086
  build-fuzz/"${format}_fuzz" -max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=10 -max_len=200000 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="build-fuzz/$format-" "build-fuzz/found/$format" "tests/fuzz/corpus/$format" ${seeds[$format]} 2>"build-fuzz/$format.log" ||
    { tail -40 "build-fuzz/$format.log"; failed+=("$format"); }
  grep -E 'number_of_executed_units|peak_rss' "build-fuzz/$format.log" || true
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
