#!/bin/sh
# Holds every dependency against deny.toml by cargo-deny: licences, bans and sources, then RustSec's advisories.
#
# Exit status: 0 all is well; 1 a dependency is at fault, or cargo-deny is not to be had; 3 licences, bans and sources
# are well, but the database of advisories cannot be had, which says nothing about advisories. What is fetched for
# the occasion lies in one temporary folder, and goes with it; cargo-deny keeps its database where it always does.
set -eu
cd "$(dirname "$0")/.."

version='0.20.2'

main() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-deny.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    find_deny
    "$deny" --locked --workspace check --hide-inclusion-graph --allow duplicate licenses bans sources ||
        fail 'a dependency does not keep the rules of deny.toml. Above stands which, and which rule.'

    if ! "$deny" --locked --workspace fetch db >"$work/fetch.log" 2>&1; then
        reason=$(grep -v '^ *$' "$work/fetch.log" | tail -n 1)
        say "licences, bans and sources are well; advisories NOT looked for, since their database cannot be had: $reason"
        exit 3
    fi
    "$deny" --locked --workspace --offline check advisories ||
        fail 'there is an advisory on a dependency. Above stands which, and what mends it.'
    say 'all dependencies keep the rules'
}

# One on the PATH is somebody's choice; else it is compiled, which takes some minutes.
find_deny() {
    if deny=$(command -v cargo-deny); then
        say "using $deny"
        return
    fi
    say "compiling cargo-deny $version into a temporary folder"
    deny="$work/bin/cargo-deny"
    "${CARGO:-cargo}" install cargo-deny --version "$version" --locked --quiet --root "$work" ||
        fail "cargo-deny $version is not to be had."
}

say() {
    echo "deny: $1"
}

fail() {
    echo "deny: $1" >&2
    exit 1
}

main
