#!/bin/sh
# Prints the release time in seconds since the epoch: SOURCE_DATE_EPOCH, or else the time of the last commit.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
    echo "$SOURCE_DATE_EPOCH"
elif ! git log -1 --format=%ct 2>/dev/null; then
    echo 'epoch: not a git checkout. Set SOURCE_DATE_EPOCH to the release time in seconds.' >&2
    exit 1
fi
