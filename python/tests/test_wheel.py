"""What pip installs. The whole way, from an sdist to a script in a clean environment, takes a build of the library: CORNU_LONG_TESTS=1 asks for it."""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import cornu

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
import wheel  # noqa: E402
from test_mission import SCRIPT  # noqa: E402

needs_readelf = pytest.mark.skipif(shutil.which("readelf") is None, reason="binutils are not installed")


@needs_readelf
def test_the_extension_needs_what_every_machine_has_and_highway():
    libraries, versions, _ = wheel.needed(cornu._cornu.__file__)
    assert {"libc.so.6", "libstdc++.so.6"} <= set(libraries)
    beyond = [name for name in libraries if name not in wheel.EVERYWHERE and not name.startswith(("libhwy.", "libasan.", "libubsan.", "libtsan."))]
    assert not beyond, "a wheel would have to carry these: see python/CMakeLists.txt"
    assert "GLIBC" in versions


@needs_readelf
def test_a_wheel_that_lacks_something_is_refused(tmp_path):
    import zipfile

    bad = tmp_path / "cornu-0-none-any.whl"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("cornu/__init__.py", "")
        archive.writestr("cornu/keras/layers.py", "")
        archive.writestr("tests/test_it.py", "")
    _, wrong = wheel.audited(bad)
    for said in ("lacks cornu/py.typed", "lacks the stubs of cornu/keras/layers.py", "holds tests/test_it.py", "lacks the extension", "lacks LICENSE"):
        assert any(said in line for line in wrong), wrong


@pytest.mark.skipif(not os.environ.get("CORNU_LONG_TESTS") or importlib.util.find_spec("build") is None, reason="takes a build: CORNU_LONG_TESTS=1, and the package `build`")
def test_an_sdist_becomes_a_wheel_that_installs_runs_and_goes_away(tmp_path):
    made = wheel.made(tmp_path / "dist")
    said, wrong = wheel.audited(made)
    assert not wrong, said + wrong
    environment, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python, clean = environment / "bin" / "python", {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", made], check=True, env=clean)
    run = subprocess.run([python, "-c", SCRIPT], capture_output=True, text=True, cwd=elsewhere, env=clean)
    if "dataset-fashion-mnist" not in run.stderr:
        assert run.returncode == 0 and len(re.findall(r"^Epoch \d+/10$", run.stdout, re.M)) == 10, run.stderr
    where = subprocess.run([python, "-c", "import cornu; print(cornu.__file__, cornu.__version__)"], capture_output=True, text=True, cwd=elsewhere, env=clean).stdout
    assert where.startswith(str(environment)) and where.split()[1] == cornu.__version__
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", "cornu"], check=True, env=clean)
    assert not list(environment.rglob("cornu*"))
    assert subprocess.run([python, "-c", "import cornu"], capture_output=True, cwd=elsewhere, env=clean).returncode != 0
