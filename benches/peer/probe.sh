#!/usr/bin/env bash
# Asks a plugin server the same questions, whatever it is built on:
#
#   benches/peer/probe.sh target/release/terraform-provider-facets-gpu
#   benches/peer/probe.sh target/peer/release/terraform-provider-peer
#
# Needs bash, openssl, and curl with HTTP/2. It starts the program as Terraform would, and speaks gRPC by hand.
set -euo pipefail

program=${1:?the path of a provider binary}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
pid=
end() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  pid=
}
trap 'end; rm -rf "$work"' EXIT

cookie=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2
certificate=$(cat "$here/../side_by_side/client.pem")

# Starts the program with the given variables and nothing else; $line is what it said, "" when it ended instead.
start() {
  end
  # A shell lets its background jobs ignore SIGINT; a terminal does not.
  env -i --default-signal=INT TMPDIR="$work" "$@" "$program" >"$work/line" 2>"$work/words" </dev/null &
  pid=$!
  for _ in $(seq 100); do
    [ -s "$work/line" ] && break
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.02
  done
  line=$(cat "$work/line")
  network=$(cut -d'|' -f3 <<<"$line")
  address=$(cut -d'|' -f4 <<<"$line")
}

# call METHOD BODY-FILE SCHEME: the status of a gRPC call without a client certificate.
call() {
  local target=(--resolve "localhost:${address##*:}:127.0.0.1" "$3://localhost:${address##*:}/tfplugin6.Provider/$1")
  [ "$network" = unix ] && target=(--unix-socket "$address" "$3://localhost/tfplugin6.Provider/$1")
  local version=--http2
  [ "$3" = http ] && version=--http2-prior-knowledge
  : >"$work/headers"
  : >"$work/answer"
  curl --silent --show-error --insecure --max-time 10 "$version" -H 'content-type: application/grpc' \
    -H 'te: trailers' --data-binary "@$2" -D "$work/headers" -o "$work/answer" "${target[@]}" 2>"$work/error" || true
  if [ ! -s "$work/headers" ]; then
    echo "no answer ($(tail -n 1 "$work/error"))"
    return
  fi
  local status message
  status=$(sed -n 's/^grpc-status: *//Ip' "$work/headers" | tr -d '\r' | tail -n 1)
  message=$(sed -n 's/^grpc-message: *//Ip' "$work/headers" | tr -d '\r' | tail -n 1)
  echo "gRPC status ${status:-none}${message:+ ($message)}, $(stat -c %s "$work/answer") bytes"
}

outcome() {
  if [ -n "$line" ]; then
    echo "serves protocol $(cut -d'|' -f2 <<<"$line") on $network ${address/$work/\$TMPDIR}"
  else
    echo "ends: $(head -n 1 "$work/words")"
  fi
}

alive() {
  sleep 0.3
  if kill -0 "$pid" 2>/dev/null; then echo "still there"; else echo "gone"; fi
}

printf '\0\0\0\0\0' >"$work/empty"
# One field that the message does not have, of 3 and of 5 MiB: a server must skip it.
{ printf '\0\0\060\0\005\172\200\200\300\001'; head -c 3145728 /dev/zero; } >"$work/3MiB"
{ printf '\0\0\120\0\005\172\200\200\300\002'; head -c 5242880 /dev/zero; } >"$work/5MiB"

echo "$(basename "$program")"

start PLUGIN_PROTOCOL_VERSIONS=6
echo "  started without the magic cookie:             $(outcome)"

start TF_PLUGIN_MAGIC_COOKIE=$cookie PLUGIN_PROTOCOL_VERSIONS=5
echo "  offered protocol 5 only:                      $(outcome)"

start TF_PLUGIN_MAGIC_COOKIE=$cookie PLUGIN_PROTOCOL_VERSIONS=6 PLUGIN_MIN_PORT=10000 PLUGIN_MAX_PORT=25000 PLUGIN_CLIENT_CERT="$certificate"
echo "  address:                                      $network ${address/$work/\$TMPDIR}"
if [ "$network" = unix ]; then
  echo "  who can open it:                              $(stat -c 'folder %A' "$(dirname "$address")"), $(stat -c 'socket %A' "$address")"
else
  echo "  who can open it:                              every user of this machine"
fi
echo "  schema asked by a client without certificate: $(call GetProviderSchema "$work/empty" https)"
echo "  stop asked by a client without certificate:   $(call StopProvider "$work/empty" https), process $(alive)"

# Without TLS, as under TF_DISABLE_PLUGIN_TLS: what a client that is let in can do.
start TF_PLUGIN_MAGIC_COOKIE=$cookie PLUGIN_PROTOCOL_VERSIONS=6
echo "  a message of 3 MiB:                           $(call GetProviderSchema "$work/3MiB" http)"
echo "  a message of 5 MiB:                           $(call GetProviderSchema "$work/5MiB" http)"
echo "  StopProvider by Terraform:                    $(call StopProvider "$work/empty" http), process $(alive)"

start TF_PLUGIN_MAGIC_COOKIE=$cookie PLUGIN_PROTOCOL_VERSIONS=6
kill -INT "$pid"
echo "  Ctrl-C in the terminal:                       process $(alive)"
