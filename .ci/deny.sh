#!/bin/sh
# Checks every dependency against deny.toml with cargo-deny: licenses, bans and sources, then RustSec advisories.
#
# Exit status: 0 success; 1 a check failed or cargo-deny cannot be installed; 3 the advisory database cannot be downloaded,
# the other checks passed. Downloads go to a temporary folder, except for cargo-deny's database.
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
        fail 'a dependency violates deny.toml, see above.'

    if ! "$deny" --locked --workspace fetch db >"$work/fetch.log" 2>&1; then
        reason=$(grep -v '^ *$' "$work/fetch.log" | tail -n 1)
        say "licenses, bans and sources passed; advisories were NOT checked, because their database cannot be downloaded: $reason"
        exit 3
    fi
    "$deny" --locked --workspace --offline check advisories ||
        fail 'a dependency has an advisory, see above.'
    say 'all dependencies passed'
}

# Uses cargo-deny from the PATH, or compiles it, which takes some minutes.
find_deny() {
    if deny=$(command -v cargo-deny); then
        say "using $deny"
        return
    fi
    say "compiling cargo-deny $version into a temporary folder"
    deny="$work/bin/cargo-deny"
    "${CARGO:-cargo}" install cargo-deny --version "$version" --locked --quiet --root "$work" ||
        fail "cargo-deny $version cannot be installed."
}

say() {
    echo "deny: $1"
}

fail() {
    echo "deny: $1" >&2
    exit 1
}

main
