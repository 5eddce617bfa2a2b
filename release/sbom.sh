#!/bin/sh
# Writes SBOMs of the provider and the emulator (CycloneDX 1.5) with cargo-cyclonedx: every linked crate with version,
# license and checksum. The target is musl Linux on amd64; the crates are the same on arm64.
#
# Exit status: 0 target/binaries/*.cdx.json exist; 1 failure, or cargo-cyclonedx cannot be installed.
set -eu
cd "$(dirname "$0")/.."

version='0.5.9'
target='x86_64-unknown-linux-musl'

main() {
    cargo=${CARGO:-cargo}
    find_cyclonedx
    # Sets the timestamp to the release time, and omits the random serial number.
    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    mkdir -p target/binaries
    # It writes beside each Cargo.toml, so it runs on a copy.
    copy="$PWD/target/for-sbom"
    rm -rf "$copy"
    mkdir -p "$copy"
    tar -cf - Cargo.toml Cargo.lock src proto benches crates examples tests acceptance-tests emulator | tar -xf - -C "$copy"
    (cd "$copy" && "$cyclonedx" cyclonedx --quiet --format json --spec-version 1.5 --describe binaries \
        --no-build-deps --target "$target") || fail 'cargo-cyclonedx failed'
    collect terraform-provider-facets-gpu "$copy/terraform-provider-facets-gpu_bin.cdx.json"
    collect cloudrun-emulator "$copy/emulator/cloudrun-emulator_bin.cdx.json"
    rm -rf "$copy"
}

# Replaces the path of the copy.
collect() {
    sed "s|file://$copy|file:///build|g" "$2" >"target/binaries/$1.cdx.json"
    say "target/binaries/$1.cdx.json"
}

# Uses this version from the PATH, or compiles it once per checkout.
find_cyclonedx() {
    cyclonedx=$(command -v cargo-cyclonedx) && [ "$("$cyclonedx" cyclonedx --version)" = "cargo-cyclonedx-cyclonedx $version" ] && return
    cyclonedx="$PWD/target/for-sbom-tools/bin/cargo-cyclonedx"
    [ -x "$cyclonedx" ] && return
    say "compiling cargo-cyclonedx $version"
    "$cargo" install cargo-cyclonedx --version "$version" --locked --quiet --root target/for-sbom-tools ||
        fail "cargo-cyclonedx $version cannot be installed"
}

say() {
    echo "sbom: $1"
}

fail() {
    echo "sbom: $1." >&2
    exit 1
}

main
