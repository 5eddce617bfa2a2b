#!/bin/sh
# Writes what provider and emulator are made of, as CycloneDX 1.5, by cargo-cyclonedx: every crate that is linked in, with
# its version, licence and checksum. The target is Linux with musl on amd64; the crates are the same on arm64.
#
# Exit status: 0 target/binaries/*.cdx.json are there; 1 they are not, or cargo-cyclonedx is not to be had.
set -eu
cd "$(dirname "$0")/.."

version='0.5.9'
target='x86_64-unknown-linux-musl'

main() {
    cargo=${CARGO:-cargo}
    find_cyclonedx
    # With it the time stamp is the release's own, and there is no random serial number.
    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    mkdir -p target/binaries
    # It writes beside each Cargo.toml, and so is given a copy of what it reads.
    copy="$PWD/target/for-sbom"
    rm -rf "$copy"
    mkdir -p "$copy"
    tar -cf - Cargo.toml Cargo.lock src proto benches crates examples tests acceptance-tests emulator | tar -xf - -C "$copy"
    (cd "$copy" && "$cyclonedx" cyclonedx --quiet --format json --spec-version 1.5 --describe binaries \
        --no-build-deps --target "$target") || fail 'cargo-cyclonedx did not succeed'
    take terraform-provider-facets-gpu "$copy/terraform-provider-facets-gpu_bin.cdx.json"
    take cloudrun-emulator "$copy/emulator/cloudrun-emulator_bin.cdx.json"
    rm -rf "$copy"
}

# The folder in which it was written says nothing to anybody else.
take() {
    sed "s|file://$copy|file:///build|g" "$2" >"target/binaries/$1.cdx.json"
    say "target/binaries/$1.cdx.json"
}

# One on the PATH is somebody's choice, if it is the same version; else it is compiled, once for this checkout.
find_cyclonedx() {
    cyclonedx=$(command -v cargo-cyclonedx) && [ "$("$cyclonedx" cyclonedx --version)" = "cargo-cyclonedx-cyclonedx $version" ] && return
    cyclonedx="$PWD/target/for-sbom-tools/bin/cargo-cyclonedx"
    [ -x "$cyclonedx" ] && return
    say "compiling cargo-cyclonedx $version"
    "$cargo" install cargo-cyclonedx --version "$version" --locked --quiet --root target/for-sbom-tools ||
        fail "cargo-cyclonedx $version is not to be had"
}

say() {
    echo "sbom: $1"
}

fail() {
    echo "sbom: $1." >&2
    exit 1
}

main
