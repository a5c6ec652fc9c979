"""Scripts in the style of Keras's tutorials say under cornu what they say under Keras, with only their import lines changed."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = sorted((HERE / "scripts").glob("*.py"))
EXPECTED = json.loads((HERE / "scripts" / "expected.json").read_text())
RUNNER = HERE.parent / "scripts" / "run_script.py"


def compared(expected, found, where, problems):
    """Adds to `problems` what of `found` lies outside what Keras printed."""
    if isinstance(expected, dict) and expected.keys() == {"value", "tolerance"}:
        if not isinstance(found, (int, float)) or not abs(found - expected["value"]) <= expected["tolerance"]:
            problems.append(f"{where}: {found}, in Keras {expected['value']:.6g} +- {expected['tolerance']:.3g}")
    elif isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for key in expected:
            compared(expected[key], found[key], f"{where}.{key}", problems)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, pair in enumerate(zip(expected, found)):
            compared(*pair, f"{where}[{i}]", problems)
    elif expected != found or type(expected) is not type(found):
        problems.append(f"{where}: {found!r}, in Keras {expected!r}")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script(script):
    if "fashion_mnist" in script.read_text() and "CORNU_DATA" not in os.environ and not os.path.exists("/usr/share/datasets/fashion-mnist"):
        pytest.skip("the package dataset-fashion-mnist is not installed")
    run = subprocess.run([sys.executable, str(RUNNER), str(script), "--library", "cornu"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    found, problems = json.loads(run.stdout.strip().splitlines()[-1]), []
    assert found.keys() == EXPECTED[script.stem].keys()
    for key, value in EXPECTED[script.stem].items():
        compared(value, found[key], key, problems)
    assert not problems, "\n".join(problems)


def test_there_are_twenty_scripts_and_more_and_keras_has_run_them_all():
    assert len(SCRIPTS) >= 20 and [s.stem for s in SCRIPTS] == sorted(EXPECTED)


def test_only_import_lines_change():
    sys.path.insert(0, str(RUNNER.parent))
    from run_script import rewritten

    for script in SCRIPTS:
        before, after = script.read_text().splitlines(), rewritten(script.read_text(), "cornu").splitlines()
        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert changed and all(a.startswith(("import tensorflow", "from tensorflow")) and a.replace("tensorflow", "cornu") == b for a, b in changed)


def test_a_wrong_number_or_word_is_noticed():
    expected = {"a": {"value": 1.0, "tolerance": 0.1}, "b": [True, "x"], "c": 3}
    for found, wrong in (({"a": 1.05, "b": [True, "x"], "c": 3}, 0), ({"a": 1.2, "b": [True, "x"], "c": 3}, 1), ({"a": 1.0, "b": [False, "y"], "c": 3}, 2),
                         ({"a": float("nan"), "b": [True], "c": 4}, 3)):
        problems = []
        compared(expected, found, "", problems)
        assert len(problems) == wrong, problems
