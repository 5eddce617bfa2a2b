#!/bin/sh
# Packs the binaries into the archives and checksums that the Terraform Registry and OpenTofu expect, and the emulator.
#
#   release/pack.sh [BINARIES [DIST]]     default: target/binaries and target/dist
#
# BINARIES has a folder per platform (linux_amd64) and optionally an SBOM per program. DIST is replaced. GPG_FINGERPRINT is
# the key to sign with; GPG_PASSPHRASE its passphrase, if any. RELEASE_TAG, if set, must be v and the version in Cargo.toml.
# The same binaries always produce the same bytes.
#
# Exit status: 0 success; 1 failure.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)

main() {
    binaries=$(cd "${1:-$repository/target/binaries}" 2>/dev/null && pwd) ||
        fail "${1:-target/binaries} does not exist; create it with make dist-binaries"
    dist=${2:-$repository/target/dist}
    require zip
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
    [ "$archives" -gt 0 ] || fail "$binaries has no platform such as linux_amd64/$provider"
    for sbom in "$binaries"/*.cdx.json; do
        if [ -f "$sbom" ]; then
            cp "$sbom" "$dist/$(basename "$sbom" .cdx.json)_$version.cdx.json"
        fi
    done
    cp "$repository/release/manifest.json" "$dist/${provider}_${version}_manifest.json"

    # The Registry reads the first file; the other one covers files that are not part of the Registry protocol.
    cd "$dist"
    checksums "${provider}_${version}_SHA256SUMS" "$provider"_*.zip "$provider"_*_manifest.json
    checksums "extras_$version.sha256" cloudrun-emulator_*.zip ./*.cdx.json
    for file in "${provider}_${version}_SHA256SUMS" "extras_$version.sha256"; do
        sign "$file"
    done
    say "$dist has"
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
    if [ -f "$folder/cloudrun-emulator$suffix" ]; then
        pack "$folder/cloudrun-emulator$suffix" "cloudrun-emulator$suffix" "cloudrun-emulator_${version}_$1.zip"
    fi
    archives=$((archives + 1))
}

# Creates an archive of one file. Time, mode and attributes do not depend on the machine or user.
pack() {
    rm -f "$work"/*
    cp "$1" "$work/$2"
    chmod 0755 "$work/$2"
    TZ=UTC touch -t "$stamp" "$work/$2"
    (cd "$work" && TZ=UTC zip -q -9 -X -D "$dist/$3" "$2") || fail "$3 could not be packed"
}

# Writes the checksums of the files that exist. An unmatched pattern expands to itself and is ignored.
checksums() {
    file=$1
    shift
    rm -f "$work"/*
    for each in "$@"; do
        if [ -f "$each" ]; then
            sha256 "${each#./}"
        fi
    done | LC_ALL=C sort -k 2 >"$work/checksums"
    if [ -s "$work/checksums" ]; then
        cp "$work/checksums" "$file"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1"
    else
        shasum -a 256 "$1"
    fi
}

# Creates a binary detached signature, as the Registry requires. Signatures differ each time, so they have no checksums.
sign() {
    [ -f "$1" ] || return 0
    if [ -z "${GPG_FINGERPRINT:-}" ]; then
        say "$1 is NOT signed, because GPG_FINGERPRINT is not set."
        return 0
    fi
    require gpg
    if [ -n "${GPG_PASSPHRASE:-}" ]; then
        printf '%s' "$GPG_PASSPHRASE" | gpg_sign "$1" --pinentry-mode loopback --passphrase-fd 0
    else
        gpg_sign "$1"
    fi || fail "$1 could not be signed with $GPG_FINGERPRINT"
    gpg --batch --quiet --verify "$1.sig" "$1" 2>/dev/null || fail "the signature of $1 does not verify"
    # RSA or DSA.
    gpg --batch --list-packets "$1.sig" | grep -qE '^:signature packet: algo (1|17),' ||
        fail "the Terraform Registry requires an RSA or DSA key, and $GPG_FINGERPRINT is of another type"
}

gpg_sign() {
    signed=$1
    shift
    gpg --batch --yes "$@" --local-user "$GPG_FINGERPRINT" --output "$signed.sig" --detach-sign "$signed"
}

# The version of the workspace.
version() {
    sed -n '/^\[workspace.package\]/,/^\[[^w]/s/^version = "\(.*\)"$/\1/p' "$repository/Cargo.toml"
}

# Formats seconds for touch, with GNU or BSD date.
stamp() {
    date -u -d "@$1" +%Y%m%d%H%M.%S 2>/dev/null || date -u -r "$1" +%Y%m%d%H%M.%S
}

say() {
    echo "pack: $1"
}

require() {
    command -v "$1" >/dev/null || fail "$1 must be on the PATH"
}

fail() {
    echo "pack: $1." >&2
    exit 1
}

main "$@"
