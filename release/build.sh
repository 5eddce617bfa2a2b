#!/bin/sh
# Builds the provider and the emulator for one platform, reproducibly.
#
#   release/build.sh PLATFORM     for example linux_amd64; the binaries go to target/binaries/PLATFORM
#
# Requires the Rust toolchain with the platform's standard library, and a C compiler
# for the platform.
#
# Exit status: 0 success; 1 the build failed; 2 unknown platform; 3 the standard library is not installed; 4 the standard
# library is not installed and linux_amd64 was linked statically with glibc instead.
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
    # Keeps paths of this machine out of the binary. The variables of the target do not affect build scripts; RUSTFLAGS
    # would take precedence.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET
    home=${CARGO_HOME:-$HOME/.cargo}
    underscored=$(echo "$target" | tr - _)
    variable="CARGO_TARGET_$(echo "$underscored" | tr '[:lower:]' '[:upper:]')"
    # On Windows the shell's paths differ from the compiler's, and the C compiler has no such flag.
    case $target in
        *-msvc) ;;
        *)
            flags="--remap-path-prefix=$PWD=/build --remap-path-prefix=$home=/cargo $flags"
            export "CFLAGS_$underscored=-ffile-prefix-map=$PWD=/build -ffile-prefix-map=$home=/cargo"
            ;;
    esac
    export "${variable}_RUSTFLAGS=$flags"
    case $target in
        *-musl) choose_compiler ;;
    esac

    say "building for $platform ($target)"
    # A separate target folder, because cargo rebuilds everything when the flags change.
    set --
    for program in $programs; do
        set -- "$@" --package "$program" --bin "$program"
    done
    CARGO_TARGET_DIR="$PWD/target/for-release" "$cargo" build --quiet --release --locked --target "$target" "$@" ||
        fail 'cargo build failed'
    mkdir -p "target/binaries/$platform"
    for program in $programs; do
        cp "target/for-release/$target/release/$program$suffix" "target/binaries/$platform/"
    done
    say "target/binaries/$platform holds$(cd "target/binaries/$platform" && printf ' %s' *)"
    exit "$status"
}

# Maps GOOS_GOARCH to Rust's target. Linux binaries are linked statically with musl, so that they run on every distribution
# and in an empty image.
choose_target() {
    flags=''
    case $platform in
        linux_amd64) target=x86_64-unknown-linux-musl ;;
        linux_arm64) target=aarch64-unknown-linux-musl ;;
        darwin_amd64) target=x86_64-apple-darwin ;;
        darwin_arm64) target=aarch64-apple-darwin ;;
        windows_amd64)
            target=x86_64-pc-windows-msvc
            # Includes the C runtime, which not every Windows has.
            flags='-C target-feature=+crt-static'
            suffix=.exe
            ;;
        *)
            echo "build: unknown platform '$platform'. Supported: linux_amd64, linux_arm64, darwin_amd64, darwin_arm64" \
                'and windows_amd64.' >&2
            exit 2
            ;;
    esac
    has_library "$target" && return
    missing="the standard library for $target is not installed; install it with rustup target add $target"
    if [ "$platform" != linux_amd64 ] || ! has_library x86_64-unknown-linux-gnu; then
        echo "build: $platform is NOT built: $missing." >&2
        exit 3
    fi
    target=x86_64-unknown-linux-gnu
    flags='-C target-feature=+crt-static'
    status=4
    say "$missing. Linking statically with this machine's glibc instead."
}

# C code is compiled with musl-gcc, or with the cross compiler for another architecture, which also links. An existing
# CC_<target> takes precedence.
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
    command -v "$compiler" >/dev/null || fail "$compiler must be on the PATH to build for $target"
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
