"""What a wheel of cornu holds, and what it needs of a machine: as auditwheel looks at wheels.

    python wheel.py [WHEEL]      without one, it makes an sdist of this checkout, and the wheel from that sdist

Prints what it finds; exits 1 if the wheel is larger than 15 MB, holds what it should not or lacks what it should have, or needs a library
that neither it nor every Linux machine has. Needs binutils' readelf; to make wheels, the package `build` as well.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LARGEST = 15_000_000
# What manylinux wheels may take for granted (PEP 600's list, as far as C++ goes).
EVERYWHERE = {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
MEMBERS = {"cornu/__init__.py", "cornu/__init__.pyi", "cornu/py.typed", "cornu/_docs.py", "cornu/data.py", "cornu/keras/__init__.py", "cornu/keras/layers.pyi", "cornu/keras/ops/numpy.py"}


def made(folder):
    """The wheel of the sdist of this checkout."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True)
    return next(pathlib.Path(folder).glob("*.whl"))


def needed(library):
    """([libraries it names], {"GLIBC": highest version, ...}, its search path) of an ELF file."""
    dynamic = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
    versions = subprocess.run(["readelf", "-VW", library], check=True, capture_output=True, text=True).stdout
    highest = {}
    for kind, version in re.findall(r"\b(GLIBCXX|GLIBC|CXXABI)_([0-9.]+)", versions):
        highest[kind] = max(highest.get(kind, (0,)), tuple(int(n) for n in version.strip(".").split(".")))
    return re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic), {k: ".".join(map(str, v)) for k, v in highest.items()}, re.findall(r"\(RUNPATH\).*\[(.+)\]", dynamic)


def audited(wheel):
    """(what it is, what is wrong with it), as lines of text."""
    wheel = pathlib.Path(wheel)
    said, wrong = [f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB"], []
    if wheel.stat().st_size > LARGEST:
        wrong.append(f"it is larger than {LARGEST / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        wrong += [f"it lacks {name}" for name in sorted(MEMBERS - names)]
        wrong += [f"it lacks the stubs of {name}" for name in sorted(names) if name.endswith(".py") and "/_" not in name and name + "i" not in names]
        wrong += [f"it holds {name}" for name in sorted(names) if "test" in name or not name.startswith(("cornu/", "cornu-"))]
        if not any(name.endswith("/LICENSE") for name in names):
            wrong.append("it lacks LICENSE")
        archive.extractall(folder)
        libraries = [pathlib.Path(folder, name) for name in sorted(names) if ".so" in name]
        carried = {library.name for library in libraries}
        if not any(name.startswith("_cornu.") for name in carried):
            wrong.append("it lacks the extension")
        for library in libraries:
            names, versions, path = needed(library)
            said.append(f"{library.name}: {library.stat().st_size / 1e6:.1f} MB; needs {', '.join(names)}; {', '.join(f'{k} {v}' for k, v in versions.items())}")
            for name in names:
                if name in carried and path != ["$ORIGIN"]:
                    wrong.append(f"{library.name} needs {name}, which the wheel carries, and would not find it there")
                elif name not in EVERYWHERE | carried:
                    wrong.append(f"{library.name} needs {name}, which neither the wheel nor every machine has")
    return said, wrong


def main():
    with tempfile.TemporaryDirectory() as folder:
        said, wrong = audited(sys.argv[1] if len(sys.argv) > 1 else made(folder))
    print("\n".join(said))
    if wrong:
        sys.exit("\n".join(f"wrong: {w}" for w in wrong))


if __name__ == "__main__":
    main()
