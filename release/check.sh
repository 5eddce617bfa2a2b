#!/bin/sh
# Builds the last commit twice, in two folders of other names and lengths, packs both, and compares every sum.
#
#   release/check.sh [PLATFORM]     linux_amd64, if not said otherwise
#
# Exit status: 0 the sums are equal; 1 they differ, or something failed.
set -eu
cd "$(dirname "$0")/.."

main() {
    platform=${1:-linux_amd64}
    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-dist.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    for folder in a another-folder/of-another-depth; do
        make "$work/$folder"
    done
    for folder in a another-folder/of-another-depth; do
        say "$folder:"
        cat "$work/$folder/target/dist/"*SHA256SUMS "$work/$folder/target/dist/"*.sha256
    done
    diff -r "$work/a/target/dist" "$work/another-folder/of-another-depth/target/dist" >&2 ||
        fail 'two builds in two folders differ; above stands in what'
    say "two builds of $platform in two folders are the same"
}

make() {
    mkdir -p "$1"
    git archive HEAD | tar -xf - -C "$1"
    status=0
    "$1/release/build.sh" "$platform" || status=$?
    case $status in
        0 | 4) ;;
        *) exit 1 ;;
    esac
    GPG_FINGERPRINT='' "$1/release/pack.sh" "$1/target/binaries" "$1/target/dist" >/dev/null
}

say() {
    echo "dist-check: $1"
}

fail() {
    echo "dist-check: $1." >&2
    exit 1
}

main "$@"
