"""Runs a script written for Keras with TensorFlow under another library: only the names in its import lines change.

    python run_script.py SCRIPT [--library cornu] [--seed N]

The scripts of python/tests/scripts begin with `import tensorflow as tf` or `from tensorflow import keras`; for --library cornu
"tensorflow" reads "cornu" there. --seed changes the number in `set_random_seed(1)`. All else runs as it is written.
"""
import argparse
import re
import sys

IMPORT = re.compile(r"^(import|from) tensorflow\b", re.MULTILINE)


def rewritten(source, library="tensorflow", seed=1):
    """The script's text with its imports from `library`, and its seed. One line stays one line: tracebacks point right."""
    if not IMPORT.search(source):
        raise ValueError("no line of the script begins with `import tensorflow` or `from tensorflow`")
    source = IMPORT.sub(rf"\1 {library}", source)
    return source.replace("set_random_seed(1)", f"set_random_seed({seed})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("script")
    parser.add_argument("--library", default="tensorflow")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with open(options.script, encoding="utf-8") as f:
        source = rewritten(f.read(), options.library, options.seed)
    sys.argv = [options.script]
    exec(compile(source, options.script, "exec"), {"__name__": "__main__", "__file__": options.script})


if __name__ == "__main__":
    main()
