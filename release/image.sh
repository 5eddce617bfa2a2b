#!/bin/sh
# Builds the emulator's container image from target/binaries with docker, podman or buildah.
#
# IMAGE is the name without tag; the tag is the version in Cargo.toml. By default the image is for the platform of this
# machine and stays local. PUSH=yes builds it for all Linux platforms in target/binaries with docker buildx, and pushes it.
#
# Exit status: 0 success; 1 failure.
set -eu
cd "$(dirname "$0")/.."

main() {
    image=$(echo "${IMAGE:-cloudrun-emulator}" | tr '[:upper:]' '[:lower:]')
    version=$(sed -n '/^\[workspace.package\]/,/^\[[^w]/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
    set -- --file emulator/Containerfile --tag "$image:$version"
    if [ -n "${PUSH:-}" ]; then
        command -v docker >/dev/null || fail 'PUSH requires docker with buildx'
        platforms=''
        for folder in target/binaries/linux_*/; do
            platforms="$platforms,$(basename "$folder" | tr _ /)"
        done
        SOURCE_DATE_EPOCH=$(release/epoch.sh) docker buildx build "$@" --platform "${platforms#,}" --push target/binaries ||
            fail "$image:$version could not be built and pushed"
        say "pushed $image:$version for ${platforms#,}"
        return
    fi
    platform=linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
    [ -x "target/binaries/$platform/cloudrun-emulator" ] ||
        fail "target/binaries/$platform has no emulator; build it with make dist-binaries PLATFORM=$platform"
    engine=$(find_engine) || fail 'docker with a running daemon, podman or buildah is required'
    "$engine" build "$@" --build-arg TARGETOS=linux --build-arg "TARGETARCH=${platform#linux_}" target/binaries ||
        fail "$image:$version could not be built"
    say "built $image:$version with $(basename "$engine")"
}

# docker requires a running daemon.
find_engine() {
    if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        echo docker
    else
        command -v podman || command -v buildah
    fi
}

say() {
    echo "image: $1"
}

fail() {
    echo "image: $1." >&2
    exit 1
}

main
