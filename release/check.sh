#!/bin/sh
# Builds and packs the last commit twice, in folders of different names and depths, and compares the results.
#
#   release/check.sh [PLATFORM]     default: linux_amd64
#
# Exit status: 0 the results are equal; 1 they differ, or a build failed.
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

    for folder in a longer-name/deeper; do
        build "$work/$folder"
    done
    for folder in a longer-name/deeper; do
        say "$folder:"
        cat "$work/$folder/target/dist/"*SHA256SUMS "$work/$folder/target/dist/"*.sha256
    done
    diff -r "$work/a/target/dist" "$work/longer-name/deeper/target/dist" >&2 ||
        fail 'the two builds differ, see above'
    say "two builds of $platform in different folders are identical"
}

build() {
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
