"""Runs the acceptance tests on several versions of Terraform and OpenTofu, and prints their results.

The arguments choose the versions; without any, all that fetch_terraform.py can fetch are run. The output of each version is
written to target/terraform/VERSION.log. The exit status is 1 if the build or a test failed, 2 for an unknown version, and 3 if
no version could be fetched.
"""

import os
import re
import shutil
import subprocess
import sys
import time

from fetch_terraform import VERSIONS, NotFetched, fetch, requested

CARGO = os.environ.get("CARGO", "cargo")
# Of the whole workspace, so that what `make test` has built is used.
TEST = [CARGO, "test", "--workspace"]
# Packing a release does not depend on Terraform.
SKIPPED = ["sandbox_", "tests::load::", "tests::release::packing", "tests::release::invalid", "tests::release::release_files"]


def run_tests(program, log):
    """Runs the tests with a program. Returns the names of those that passed, failed and were skipped."""
    command = [*TEST, "--no-fail-fast", "--test", "acceptance", "--test", "terraform", "--", "--include-ignored"]
    command += [f"--test-threads={2 * (os.cpu_count() or 2)}"]
    command += [argument for name in SKIPPED for argument in ("--skip", name)]
    environment = {**os.environ, "FACETS_GPU_TERRAFORM": str(program)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    log.write_text(run.stdout + run.stderr)
    ended = re.findall(r"^test (\S+) \.\.\. (ok|FAILED)$", run.stdout, re.MULTILINE)
    skipped = set(re.findall(r"^NOT RUN (\S+):", run.stderr, re.MULTILINE))
    passed = {name for name, result in ended if result == "ok"} - skipped
    failed = {name for name, result in ended if result == "FAILED"}
    if run.returncode != 0:
        print(run.stdout[run.stdout.find("\nfailures:") :] if failed else run.stderr)
        failed = failed or {"cargo test"}
    return passed, failed, skipped


def main():
    if not (shutil.which("zip") and shutil.which("gpg")):
        print("zip or gpg is not on the PATH: acceptance-tests/tests/release.rs is skipped.")
        SKIPPED.append("tests::release::")
    versions = requested(VERSIONS)
    if subprocess.run([*TEST, "--no-run", "--quiet"]).returncode != 0:
        sys.exit("the build failed, see above.")
    results, statuses = {}, set()
    for version in versions:
        start = time.monotonic()
        try:
            program = fetch(version)
            passed, failed, skipped = run_tests(program, program.parent.parent / f"{version}.log")
        except NotFetched as reason:
            results[version] = f"NOT RUN: {reason}"
        else:
            seconds = time.monotonic() - start
            results[version] = f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped in {seconds:.0f} s"
            results[version] += "".join(f"\n  {name}" for name in sorted(failed))
            statuses.add(1 if failed else 0)
        print(f"{version}: {results[version]}", flush=True)
    print("\nAll versions:")
    for version, result in results.items():
        print(f"{version:12} {result}")
    sys.exit(max(statuses, default=3))


if __name__ == "__main__":
    main()
