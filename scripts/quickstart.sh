#!/usr/bin/env bash
# From a clone to a trained classifier: installs what is missing, builds, trains on Fashion-MNIST, evaluates, predicts.
# Run it again as you like: only what has changed is done anew.
set -euo pipefail
cd "$(dirname "$0")/.."
model=fashion.keras
run() { printf '\n$ %s\n' "$(printf '%q ' "$@" | sed "s/\\\\ / /g")"; "$@"; }

scripts/build-deps.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build build --target cornu_command cornu_bench

run build/bin/cornu train --data fashion-mnist --layers "dense:10:relu dense:10:relu dense:10:softmax" --epochs 10 --save "$model"
run build/bin/cornu evaluate "$model" --data fashion-mnist
run build/bin/cornu predict "$model" --data fashion-mnist --count 5
printf '\nThe model is in %s/%s. Next: build/bin/cornu --help\n' "$PWD" "$model"
