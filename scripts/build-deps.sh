#!/usr/bin/env bash
# Installs the Debian packages that cornu needs and that are missing; does nothing, and needs no rights, when all are there.
#   scripts/build-deps.sh [tests] [check]     "tests" and "check" add what scripts/test.sh and scripts/check.sh need; "tests" also
#                                             makes build/venv, with what the tests of the Python package need, from PyPI
set -euo pipefail

packages=(g++ cmake ninja-build ccache
  zlib1g-dev             # .gz files, .keras members that are deflated
  libhwy-dev             # SIMD, chosen at run time
  libcli11-dev libfmt-dev  # the command line and its text
  doctest-dev            # tests
  libbenchmark-dev       # kernel benchmarks
  dataset-fashion-mnist) # the images of the main job
[ "$(dpkg --print-architecture)" != amd64 ] || packages+=(libxsmm-dev)  # matrix products; x86 only, and optional
for extra in "$@"; do
  case $extra in
    tests) packages+=(python3 python3-dev python3-venv valgrind manpages manpages-de manpages-fr manpages-it manpages-pl) ;;  # the include check; instruction counts; text in five languages
    check) packages+=(python3 git clang clang-tidy clang-format clang-tools) ;;
    *) echo "build-deps.sh: '$extra' is neither 'tests' nor 'check'" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  install="apt-get install -y --no-install-recommends ${missing[*]}"
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "build-deps.sh: packages are missing. As root: $install" >&2; exit 1; }
    as_root=sudo
  fi
  export DEBIAN_FRONTEND=noninteractive
  echo "Installing ${missing[*]}"
  $as_root apt-get update -q >/dev/null
  $as_root $install >/dev/null
fi

if [[ " $* " == *" tests "* ]]; then
  cd "$(dirname "$0")/.."
  wanted=python/requirements-test.txt
  if ! cmp -s "$wanted" build/venv/installed.txt; then
    echo "Making build/venv"
    python3 -m venv build/venv
    build/venv/bin/pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" build/venv/installed.txt
  fi
fi
