#!/bin/sh
# Packages crates/terraform-plugin as `cargo publish` does, and builds the package. Publishes nothing.
#
# Exit status: 0 the package builds; 1 it does not; 3 the registry's index cannot be reached.
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}

if "$cargo" publish --dry-run --package terraform-plugin --quiet; then
    echo "publish: crates/terraform-plugin can be published"
    exit 0
fi
# The dry run has one exit status for every failure. This fails only without an index.
if ! "$cargo" update --dry-run --quiet; then
    echo "publish: crates/terraform-plugin was NOT packaged, since the registry's index cannot be reached"
    exit 3
fi
echo "publish: crates/terraform-plugin cannot be published, for the reason above." >&2
exit 1
