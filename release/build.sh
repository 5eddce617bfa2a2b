#!/bin/sh
# Builds provider and emulator for one platform, so that two folders and two machines get the same bytes.
#
#   release/build.sh PLATFORM     such as linux_amd64; the binaries go to target/binaries/PLATFORM
#
# The emulator is left out on Windows, which it was not written for. Needed: the Rust toolchain with the platform's
# standard library, and a C compiler for the platform.
#
# Exit status: 0 it is built; 1 it is not; 2 no such platform; 3 the standard library for it is not installed, which the
# last line says; 4 the same, and another way of building was taken (linux_amd64: linked statically against glibc).
set -eu
cd "$(dirname "$0")/.."

main() {
    platform=${1:-}
    cargo=${CARGO:-cargo}
    status=0
    programs='terraform-provider-facets-gpu cloudrun-emulator'
    suffix=''
    choose_target

    SOURCE_DATE_EPOCH=$(release/epoch.sh)
    export SOURCE_DATE_EPOCH
    # What depends on the folder or on the machine's user is kept out of the binary. Given by the target's own variables,
    # which reach no build script; RUSTFLAGS would win over them.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET
    home=${CARGO_HOME:-$HOME/.cargo}
    underscored=$(echo "$target" | tr - _)
    variable="CARGO_TARGET_$(echo "$underscored" | tr '[:lower:]' '[:upper:]')"
    flags="--remap-path-prefix=$PWD=/build --remap-path-prefix=$home=/cargo $flags"
    export "${variable}_RUSTFLAGS=$flags"
    case $target in
        *-musl) choose_compiler ;;
    esac
    # The compiler of Windows has no such flags.
    case $target in
        *-msvc) ;;
        *) export "CFLAGS_$underscored=-ffile-prefix-map=$PWD=/build -ffile-prefix-map=$home=/cargo" ;;
    esac

    say "building for $platform ($target)"
    # A target folder of its own: cargo would build all anew each time the flags change.
    set --
    for program in $programs; do
        set -- "$@" --package "$program" --bin "$program"
    done
    CARGO_TARGET_DIR="$PWD/target/for-release" "$cargo" build --quiet --release --locked --target "$target" "$@" ||
        fail 'it does not build'
    mkdir -p "target/binaries/$platform"
    for program in $programs; do
        cp "target/for-release/$target/release/$program$suffix" "target/binaries/$platform/"
    done
    say "target/binaries/$platform holds$(cd "target/binaries/$platform" && printf ' %s' *)"
    exit "$status"
}

# Go's name of a platform to Rust's. Linux is linked statically, with musl, so that one binary runs on every
# distribution and in an image that holds nothing else.
choose_target() {
    flags=''
    case $platform in
        linux_amd64) target=x86_64-unknown-linux-musl ;;
        linux_arm64) target=aarch64-unknown-linux-musl ;;
        darwin_amd64) target=x86_64-apple-darwin ;;
        darwin_arm64) target=aarch64-apple-darwin ;;
        windows_amd64)
            target=x86_64-pc-windows-msvc
            programs=terraform-provider-facets-gpu
            suffix=.exe
            ;;
        *)
            echo "build: no such platform: '$platform'. There are linux_amd64, linux_arm64, darwin_amd64, darwin_arm64" \
                'and windows_amd64.' >&2
            exit 2
            ;;
    esac
    has_library "$target" && return
    missing="the standard library for $target is not installed; rustup target add $target brings it"
    if [ "$platform" != linux_amd64 ] || ! has_library x86_64-unknown-linux-gnu; then
        echo "build: $platform is NOT built: $missing." >&2
        exit 3
    fi
    target=x86_64-unknown-linux-gnu
    flags='-C target-feature=+crt-static'
    status=4
    say "$missing. Linking statically against this machine's glibc instead."
}

# What is written in C is compiled by musl's own compiler, for a machine of another kind by the one for that kind, which
# links too. A choice that is made already, by the variable that cargo's crates look at, stays.
choose_compiler() {
    if printenv "CC_$underscored" >/dev/null; then
        return
    fi
    kind=${target%%-*}
    if [ "$(uname -m)" = "$kind" ]; then
        compiler=musl-gcc
    else
        compiler=$kind-linux-gnu-gcc
        export "${variable}_LINKER=$compiler"
    fi
    command -v "$compiler" >/dev/null || fail "$compiler is needed to build for $target, and is not on the PATH"
    export "CC_$underscored=$compiler"
}

has_library() {
    found=$(rustc --print target-libdir --target "$1" 2>/dev/null) && [ -n "$(ls "$found"/libstd-*.rlib 2>/dev/null)" ]
}

say() {
    echo "build: $1"
}

fail() {
    echo "build: $1." >&2
    exit 1
}

main "$@"
