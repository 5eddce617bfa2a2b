#!/bin/sh
# Makes the image of the emulator out of target/binaries, by docker, podman or buildah, whichever is there.
#
# IMAGE is its name without a tag; the tag is the version in Cargo.toml. Without PUSH the image is this machine's own, for
# its own platform; PUSH=yes makes it for every platform of Linux that is built, by docker with buildx, and sends it.
#
# Exit status: 0 it is made; 1 it is not.
set -eu
cd "$(dirname "$0")/.."

main() {
    image=$(echo "${IMAGE:-cloudrun-emulator}" | tr '[:upper:]' '[:lower:]')
    version=$(sed -n '/^\[workspace.package\]/,/^\[[^w]/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
    set -- --file emulator/Containerfile --tag "$image:$version"
    if [ -n "${PUSH:-}" ]; then
        command -v docker >/dev/null || fail 'PUSH needs docker with buildx'
        platforms=''
        for folder in target/binaries/linux_*/; do
            platforms="$platforms,$(basename "$folder" | tr _ /)"
        done
        SOURCE_DATE_EPOCH=$(release/epoch.sh) docker buildx build "$@" --platform "${platforms#,}" --push target/binaries ||
            fail "$image:$version could not be made and sent"
        say "sent $image:$version for ${platforms#,}"
        return
    fi
    platform=linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
    [ -x "target/binaries/$platform/cloudrun-emulator" ] ||
        fail "target/binaries/$platform holds no emulator; make dist-binaries PLATFORM=$platform builds it"
    engine=$(find_engine) || fail 'docker with a daemon that runs, podman or buildah is needed, and there is none'
    "$engine" build "$@" --build-arg TARGETOS=linux --build-arg "TARGETARCH=${platform#linux_}" target/binaries ||
        fail "$image:$version could not be made"
    say "made $image:$version by $(basename "$engine")"
}

# A docker without its daemon makes nothing.
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
