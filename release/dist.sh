#!/bin/sh
# Makes a release in target/dist: provider and emulator for Linux on amd64 and arm64, what they are made of, and the sums,
# signed if GPG_FINGERPRINT names a key. It publishes nothing.
#
# Exit status: 0 a release; 1 something failed; 3 what could be built here is packed, but it is no release, and the last
# lines say what it lacks.
set -eu
cd "$(dirname "$0")/.."

main() {
    lacks=''
    # One time for all steps, whatever is committed meanwhile.
    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    if [ -n "$(git status --porcelain 2>/dev/null)" ]; then
        lack 'the checkout has changes that are not committed'
    fi
    # What an earlier release has left must not get into this one.
    rm -rf target/binaries
    mkdir -p target/binaries
    for platform in linux_amd64 linux_arm64; do
        build "$platform"
    done
    [ -n "$(ls target/binaries)" ] || fail "nothing can be built here:$lacks"
    release/sbom.sh || lack 'there is no SBOM, since cargo-cyclonedx is not to be had or has failed'
    release/pack.sh
    if [ -n "$lacks" ]; then
        echo "dist: target/dist is NO RELEASE:$lacks" >&2
        exit 3
    fi
    echo 'dist: target/dist holds a release'
}

build() {
    status=0
    release/build.sh "$1" || status=$?
    case $status in
        0) ;;
        3) lack "$1 is not there, since Rust's standard library for it is not installed" ;;
        4) lack "$1 is linked against glibc, since Rust's standard library for musl is not installed" ;;
        *) exit 1 ;;
    esac
}

lack() {
    lacks="$lacks
  - $1"
}

fail() {
    echo "dist: $1" >&2
    exit 1
}

main
