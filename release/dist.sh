#!/bin/sh
# Builds a release in target/dist: the provider and the emulator for Linux on amd64 and arm64, SBOMs and checksums, signed if
# GPG_FINGERPRINT is set. Publishes nothing.
#
# Exit status: 0 success; 1 a step failed; 3 the release is incomplete; the last lines list what is missing.
set -eu
cd "$(dirname "$0")/.."

main() {
    missing=''
    # The same time for all steps, even if HEAD changes.
    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    if [ -n "$(git status --porcelain 2>/dev/null)" ]; then
        add_missing 'the checkout has uncommitted changes'
    fi
    # Binaries of an earlier release must not be packed.
    rm -rf target/binaries
    mkdir -p target/binaries
    for platform in linux_amd64 linux_arm64; do
        build "$platform"
    done
    [ -n "$(ls target/binaries)" ] || fail "no platform can be built:$missing"
    release/sbom.sh || add_missing 'no SBOM, because cargo-cyclonedx failed or cannot be installed'
    release/pack.sh
    if [ -n "$missing" ]; then
        echo "dist: target/dist is NO RELEASE:$missing" >&2
        exit 3
    fi
    echo 'dist: target/dist has a release'
}

build() {
    status=0
    release/build.sh "$1" || status=$?
    case $status in
        0) ;;
        3) add_missing "no $1, because Rust's standard library for it is not installed" ;;
        4) add_missing "$1 is linked with glibc, because Rust's standard library for musl is not installed" ;;
        *) exit 1 ;;
    esac
}

add_missing() {
    missing="$missing
  - $1"
}

fail() {
    echo "dist: $1" >&2
    exit 1
}

main
