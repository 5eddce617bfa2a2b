#!/bin/sh
# Packages crates/terraform-plugin as `cargo publish` does, and builds the package. Publishes nothing.
#
# Exit status: 0 success; 1 the package does not build; 3 the registry's index is not available.
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}

# Uncommitted changes are allowed: this checks the package, not the state of the checkout.
if "$cargo" publish --dry-run --allow-dirty --package terraform-plugin --quiet; then
    echo "publish: crates/terraform-plugin can be published"
    exit 0
fi
# The dry run has the same exit status for every failure. `cargo update` fails only without the index.
if ! "$cargo" update --dry-run --quiet; then
    echo "publish: crates/terraform-plugin was NOT packaged, because the registry's index is not available"
    exit 3
fi
echo "publish: crates/terraform-plugin cannot be published, see above." >&2
exit 1
