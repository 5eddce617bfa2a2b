#!/bin/sh
# Tests the emulator with Google's client libraries for Python, Node.js and Go: installs each in target/clients and runs
# the lifecycle of a job with it.
#
# Exit status: 0 success; 1 a test or a build failed; 3 a language is not on the PATH or its library cannot be installed, the
# others passed.
set -eu
cd "$(dirname "$0")/../.."

main() {
    target=$("${CARGO:-cargo}" metadata --no-deps --format-version 1 |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    clients="$target/clients"
    mkdir -p "$clients"
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-clients.XXXXXX")
    trap 'stop' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    say 'building the emulator'
    "${CARGO:-cargo}" build --quiet --package cloudrun-emulator || fail 'the build of the emulator failed.'
    start

    status=0
    if python=$(find_python); then
        check python 'google-cloud-run (Python)'
    else
        not_tested 'google-cloud-run (Python) was NOT tested: Python 3.10 or later is not on the PATH'
    fi
    if command -v node >/dev/null && command -v npm >/dev/null; then
        check node '@google-cloud/run (Node.js)'
    else
        not_tested '@google-cloud/run (Node.js) was NOT tested: node or npm is not on the PATH'
    fi
    if command -v go >/dev/null; then
        check go 'cloud.google.com/go/run/apiv2 (Go)'
    else
        not_tested 'cloud.google.com/go/run/apiv2 (Go) was NOT tested: go is not on the PATH'
    fi
    exit "$status"
}

# A name on the PATH may be a launcher of a version that is not installed, so each is executed.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    return 1
}

# Starts the emulator, which prints one line with its address.
start() {
    mkfifo "$work/stdout"
    "$target/debug/cloudrun-emulator" >"$work/stdout" &
    emulator=$!
    read -r line <"$work/stdout" || fail 'the emulator did not start.'
    url=${line##* }
}

stop() {
    if [ -n "${emulator:-}" ]; then
        kill "$emulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}

# Installs the library of a language and runs its program.
check() {
    say "installing $2"
    if ! "install_$1" >"$work/install.log" 2>&1; then
        tail -n 5 "$work/install.log" >&2
        not_tested "$2 was NOT tested: it could not be installed, see above"
        return
    fi
    "run_$1" || fail "$2 failed, see above."
    say "$2 passed"
}

install_python() {
    # pip is the last part of a complete environment.
    [ -x "$clients/python/bin/pip" ] || "$python" -m venv "$clients/python" || return 1
    "$clients/python/bin/pip" install --quiet --retries 2 --only-binary :all: \
        --requirement emulator/clients/python/requirements.txt
}

run_python() {
    "$clients/python/bin/python" emulator/clients/python/lifecycle.py "$url"
}

# Node.js looks for libraries beside the program.
install_node() {
    mkdir -p "$clients/node" || return 1
    cp emulator/clients/node/*.js* "$clients/node" || return 1
    (cd "$clients/node" && npm ci --fetch-retries=1 --ignore-scripts --no-audit --no-fund)
}

run_node() {
    node "$clients/node/lifecycle.js" "$url"
}

install_go() {
    (cd emulator/clients/go && go mod download)
}

run_go() {
    (cd emulator/clients/go && go build -o "$clients/go/lifecycle" .) && "$clients/go/lifecycle" "$url"
}

not_tested() {
    say "$1"
    status=3
}

say() {
    echo "clients: $1"
}

fail() {
    echo "clients: $1" >&2
    exit 1
}

main
