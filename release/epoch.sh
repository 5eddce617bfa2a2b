#!/bin/sh
# Prints the time that a release bears, in seconds: SOURCE_DATE_EPOCH if it is set, else that of the last commit.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
    echo "$SOURCE_DATE_EPOCH"
elif ! git log -1 --format=%ct 2>/dev/null; then
    echo 'epoch: this is no checkout of git, so the time of the release has to be given: SOURCE_DATE_EPOCH=seconds.' >&2
    exit 1
fi
