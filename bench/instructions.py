#!/usr/bin/env python3
"""Counts the instructions of a step of W1 and of compiling W1, W3, W6 and ResNet-18, and fails where they are more than they were.

    bench/instructions.py PROGRAM [--update]     PROGRAM: build/bin/cornu_instructions, a Release build by g++

The bounds are bench/instructions.json; 4 % above them is an error: code got slower, or does more on purpose and --update says so in
the diff. Counts under callgrind are the same within 0.1 % on every machine with AVX2 (valgrind shows programs no AVX-512), whatever
else it does; where valgrind shows no AVX2, nothing is compared (exit status 77).
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BOUNDS = pathlib.Path(__file__).resolve().parent / "instructions.json"
SLACK = 0.04


def counts(program):
    """name -> instructions."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out", program], capture_output=True, text=True)
        if done.returncode == 77:  # another kind of processor: ctest takes the same number for a test that was skipped
            print(done.stderr)
            sys.exit(77)
        if done.returncode:
            sys.exit(f"instructions.py: {program} under valgrind gave {done.returncode}:\n{done.stderr}")
        found = {}
        for path in pathlib.Path(folder).iterdir():
            text = path.read_text()
            name, total = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.M), re.search(r"^totals: (\d+)", text, re.M)
            if name and total:
                found[name[1]] = int(total[1])
        if not found:
            sys.exit(f"instructions.py: nothing was counted; is valgrind's header there when {program} is built? It said:\n{done.stderr}")
        return found


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--update"]):
        sys.exit(__doc__)
    if not shutil.which("valgrind"):
        sys.exit("instructions.py: valgrind is missing; scripts/build-deps.sh tests installs it")
    found = counts(sys.argv[1])
    if "--update" in sys.argv:
        BOUNDS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    bounds, failed = json.loads(BOUNDS.read_text()), False
    for name in sorted(set(bounds) | set(found)):
        now, bound = found.get(name), bounds.get(name)
        if now is None or bound is None:
            print(f"{name}: {'not counted' if now is None else 'has no bound'}")
            failed = True
            continue
        verdict = "too many" if now > bound * (1 + SLACK) else "fewer: lower the bound with --update" if now < bound * 0.9 else "ok"
        failed |= now > bound * (1 + SLACK)
        print(f"{name}: {now:,} instructions, {now / bound - 1:+.1%} of {bound:,}: {verdict}")
    return 1 if failed else 0


sys.exit(main())
