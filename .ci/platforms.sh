#!/bin/sh
# Runs clippy on the provider and the emulator for arm64 on Linux, macOS and Windows, and adds missing targets with rustup. Links
# nothing: it needs no linker and no C compiler for a platform.
#
# Exit status: 0 success; 1 clippy failed; 3 a target cannot be installed, the others passed.
set -eu
cd "$(dirname "$0")/.."

targets='aarch64-unknown-linux-musl aarch64-apple-darwin x86_64-pc-windows-msvc'

main() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-platforms.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    write_compiler

    checked='' missing=''
    for target in $targets; do
        if has_library "$target" || { rustup target add "$target" && has_library "$target"; }; then
            check "$target"
            checked="$checked $target"
        else
            missing="$missing $target"
        fi
    done
    if [ -n "$missing" ]; then
        say "passed:${checked:- none}; NOT checked, because rustup cannot install the standard library:$missing"
        exit 3
    fi
    say "passed:$checked"
}

check() {
    say "$1"
    underscored=$(echo "$1" | tr - _)
    env "CC_$underscored=$work/cc" "AR_$underscored=$work/cc" \
        "${CARGO:-cargo}" clippy --quiet --locked --workspace --bins --target "$1" -- -D warnings ||
        fail "clippy failed for $1, see above."
}

# Writes a C compiler and archiver whose objects and libraries are empty: only the build script of ring calls it, and clippy
# does not read its results.
write_compiler() {
    cat >"$work/cc" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        -o) : >"$2" ;;
        -out:*) : >"${1#-out:}" ;;
        -Fo*) : >"${1#-Fo}" ;;
    esac
    shift
done
END
    chmod +x "$work/cc"
}

has_library() {
    found=$(rustc --print target-libdir --target "$1" 2>/dev/null) && [ -n "$(ls "$found"/libstd-*.rlib 2>/dev/null)" ]
}

say() {
    echo "platforms: $1"
}

fail() {
    echo "platforms: $1" >&2
    exit 1
}

main
