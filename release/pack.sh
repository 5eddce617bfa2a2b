#!/bin/sh
# Packs what is built into what the Terraform Registry and OpenTofu take, and the emulator beside it.
#
#   release/pack.sh [BINARIES [DIST]]     target/binaries and target/dist, if not said otherwise
#
# BINARIES has a folder for each platform (linux_amd64) and, if it was made, an SBOM of each program. DIST is made anew.
# GPG_FINGERPRINT signs with that key of gpg's; GPG_PASSPHRASE is its passphrase, if it has one. RELEASE_TAG, if it is set,
# must be v and the version in Cargo.toml. The same binaries make the same bytes, whenever and wherever they are packed.
#
# Exit status: 0 DIST is whole; 1 it is not.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)

main() {
    binaries=$(cd "${1:-$repository/target/binaries}" 2>/dev/null && pwd) ||
        fail "there is no folder ${1:-target/binaries}; make dist-binaries makes it"
    dist=${2:-$repository/target/dist}
    need zip
    version=$(version)
    [ "${RELEASE_TAG:-v$version}" = "v$version" ] ||
        fail "the tag is $RELEASE_TAG, but Cargo.toml has version $version. Correct one of them"
    provider="terraform-provider-facets-gpu"

    rm -rf "$dist"
    mkdir -p "$dist"
    dist=$(cd "$dist" && pwd)
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-pack.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    stamp=$(stamp "$("$repository/release/epoch.sh")")

    archives=0
    for folder in "$binaries"/*_*/; do
        if [ -d "$folder" ]; then
            pack_platform "$(basename "$folder")"
        fi
    done
    [ "$archives" -gt 0 ] || fail "$binaries holds no platform, such as linux_amd64/$provider"
    for sbom in "$binaries"/*.cdx.json; do
        if [ -f "$sbom" ]; then
            cp "$sbom" "$dist/$(basename "$sbom" .cdx.json)_$version.cdx.json"
        fi
    done
    cp "$repository/release/manifest.json" "$dist/${provider}_${version}_manifest.json"

    # The Registry reads the first; what it does not know of has sums of its own.
    cd "$dist"
    sums "${provider}_${version}_SHA256SUMS" "$provider"_*.zip "$provider"_*_manifest.json
    sums "extras_$version.sha256" cloudrun-emulator_*.zip ./*.cdx.json
    for file in "${provider}_${version}_SHA256SUMS" "extras_$version.sha256"; do
        sign "$file"
    done
    say "$dist holds"
    printf '  %s\n' *
}

pack_platform() {
    folder="$binaries/$1"
    suffix=''
    if [ -f "$folder/$provider.exe" ]; then
        suffix=.exe
    fi
    [ -f "$folder/$provider$suffix" ] || fail "$folder has no $provider"
    pack "$folder/$provider$suffix" "${provider}_v$version$suffix" "${provider}_${version}_$1.zip"
    if [ -f "$folder/cloudrun-emulator" ]; then
        pack "$folder/cloudrun-emulator" cloudrun-emulator "cloudrun-emulator_${version}_$1.zip"
    fi
    archives=$((archives + 1))
}

# One file in one archive. Time, mode and the lack of a user's id are set, so that nothing tells two packers apart.
pack() {
    rm -f "$work"/*
    cp "$1" "$work/$2"
    chmod 0755 "$work/$2"
    TZ=UTC touch -t "$stamp" "$work/$2"
    (cd "$work" && TZ=UTC zip -q -9 -X -D "$dist/$3" "$2") || fail "$3 could not be packed"
}

# The sums of those of the files that are there; a pattern that has found nothing stands for itself.
sums() {
    file=$1
    shift
    rm -f "$work"/*
    for each in "$@"; do
        if [ -f "$each" ]; then
            sha256 "${each#./}"
        fi
    done | LC_ALL=C sort -k 2 >"$work/sums"
    if [ -s "$work/sums" ]; then
        cp "$work/sums" "$file"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1"
    else
        shasum -a 256 "$1"
    fi
}

# A binary detached signature, as the Registry wants it. It differs each time, and no sum is made of it.
sign() {
    [ -f "$1" ] || return 0
    if [ -z "${GPG_FINGERPRINT:-}" ]; then
        say "$1 is NOT signed, since GPG_FINGERPRINT is not set."
        return 0
    fi
    need gpg
    if [ -n "${GPG_PASSPHRASE:-}" ]; then
        printf '%s' "$GPG_PASSPHRASE" | gpg_sign "$1" --pinentry-mode loopback --passphrase-fd 0
    else
        gpg_sign "$1"
    fi || fail "$1 could not be signed with $GPG_FINGERPRINT"
    gpg --batch --quiet --verify "$1.sig" "$1" 2>/dev/null || fail "the signature of $1 does not verify"
}

gpg_sign() {
    signed=$1
    shift
    gpg --batch --yes "$@" --local-user "$GPG_FINGERPRINT" --output "$signed.sig" --detach-sign "$signed"
}

# The version of the workspace, which stands nowhere else.
version() {
    sed -n '/^\[workspace.package\]/,/^\[[^w]/s/^version = "\(.*\)"$/\1/p' "$repository/Cargo.toml"
}

# Seconds as touch wants them, by GNU's date or by BSD's.
stamp() {
    date -u -d "@$1" +%Y%m%d%H%M.%S 2>/dev/null || date -u -r "$1" +%Y%m%d%H%M.%S
}

say() {
    echo "pack: $1"
}

need() {
    command -v "$1" >/dev/null || fail "$1 is needed, and is not on the PATH"
}

fail() {
    echo "pack: $1." >&2
    exit 1
}

main "$@"
