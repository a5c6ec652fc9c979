#!/usr/bin/env python3
"""Holds docs/tour.md to examples/tour.cpp: its ```cpp blocks are the parts between // [name] and // [/name], its ```text blocks what
the program prints, in order and complete.   docs.py PAGE SOURCE PROGRAM
Without a program: the page's first ```cpp block is the source, but for its comment at the top (README.md and examples/fashion.cpp)."""
import pathlib
import re
import subprocess
import sys
import textwrap

page, source = (pathlib.Path(p).read_text() for p in sys.argv[1:3])
if len(sys.argv) == 3:
    shown = re.search(r"```cpp\n(.*?)```", page, re.S)[1]
    sys.exit(None if shown == re.sub(r"^(//.*\n)+", "", source) else f"{sys.argv[1]} does not show {sys.argv[2]} as it is")
printed = subprocess.run([sys.argv[3]], capture_output=True, text=True, check=True).stdout
parts = [textwrap.dedent(m[2]).strip() for m in re.finditer(r"// \[(\w+)\]\n(.*?)[ ]*// \[/\1\]", source, re.S)]
blocks = re.findall(r"```(cpp|text)\n(.*?)```", page, re.S)
wrong = [f"not in the source:\n{code}" for kind, code in blocks if kind == "cpp" and code.strip() not in parts]
wrong += [f"not on the page:\n{part}" for part in parts if part not in [c.strip() for _, c in blocks]]
shown = "".join(text for kind, text in blocks if kind == "text")
if shown != printed:
    wrong.append(f"the page shows\n{shown}\nbut the program prints\n{printed}")
if len(parts) < 5:
    wrong.append("the source has fewer than five marked parts: the check would check nothing")
sys.exit("\n".join(wrong) or None)
