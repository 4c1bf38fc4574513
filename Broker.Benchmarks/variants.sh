#!/usr/bin/env bash
# Compares what a delivery costs to subscribers of different kinds, in one run, and prints the ratios to plain JSON subscribers:
# over Protobuf, on a channel with a history of 100, and with tracked positions on top of that.
#
#   bash Broker.Benchmarks/variants.sh FOLDER [ROUNDS]
#
# FOLDER holds wsload.c (a neutral WebSocket load generator). The broker has core 0 to itself, the load core 1; the kinds take turns.
# Everything stays on loopback, is bounded in count and time, and is stopped by pid.
set -euo pipefail

sources=${1:?"usage: variants.sh FOLDER [ROUNDS]: the folder with wsload.c"}
rounds=${2:-5}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
port=19103
broker=
stop() { [ -z "$broker" ] || kill "$broker" 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT

gcc -O2 -w -o "$work/wsload" "$sources/wsload.c"
dotnet publish "$root/Broker" -c Release -r linux-x64 -o "$work/broker" >"$work/publish.log" 2>&1 \
    || { cat "$work/publish.log" >&2; exit 1; }

# No pings: the load generator answers those of one encoding only.
namespace() { # number, name, then options
    local number=$1 name=$2 option
    shift 2
    for option in name="$name" allow_subscribe_for_client=true allow_subscribe_for_anonymous=true "$@"; do
        export "Namespaces__${number}__${option%%=*}=${option#*=}"
    done
}
namespace 0 bare
namespace 1 kept history_size=100 history_ttl=60s
namespace 2 seen history_size=100 history_ttl=60s force_recovery=true
CENTRIFUGO_API_KEY=bench CLAW_DATA_DIR="$work/data" CLAW_HOST=127.0.0.1 PORT=$port PingSeconds=0 \
    taskset -c 0 "$work/broker/clawevents-broker" >"$work/broker.log" 2>&1 &
broker=$!
for _ in $(seq 200); do grep -q listening "$work/broker.log" && break; sleep 0.05; done
grep -q listening "$work/broker.log" || { cat "$work/broker.log" >&2; exit 1; }

json=(--init '{"id":1,"connect":{}}' --init '{"id":2,"subscribe":{"channel":"%s:x"}}')

# A connect with a name, so that no byte is zero; then a subscribe.
protobuf=(--path '/connection/websocket?format=protobuf' --init $'\x07\x08\x01\x22\x03\x22\x01n' --init $'\x0c\x08\x02\x2a\x08\x0a\x06bare:x')

load() { # namespace, then subscriber's arguments
    local namespace=$1
    shift
    taskset -c 1 "$work/wsload" --port $port --path /connection/websocket --conns 1000 --pid "$broker" --size 100 --messages "$messages" --warm 100 --window "$window" \
        --pub-http /api --pub-header X-API-Key:bench \
        --pub-body '{"method":"publish","params":{"channel":"'"$namespace"':x","data":{"t":%T,"p":"%P"}}}' "${@//%s/$namespace}"
}

figure() { grep -oE "$1=-?[0-9.]+" | head -n 1 | cut -d= -f2; }
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

measure() { # title; uses messages and window
    local r out kind lost=0
    rm -f "$work"/*.ratios "$work"/*.us
    for r in $(seq "$rounds"); do
        for kind in bare protobuf kept seen; do
            if [ "$kind" = protobuf ]; then out=$(load bare "${protobuf[@]}"); else out=$(load "$kind" "${json[@]}"); fi
            figure us_per_delivery <<<"$out" >>"$work/$kind.us"
            lost=$((lost + $(figure lost <<<"$out")))
            awk -v a="$(tail -n 1 "$work/$kind.us")" -v b="$(tail -n 1 "$work/bare.us")" 'BEGIN { printf "%.3f\n", a / b }' >>"$work/$kind.ratios"
        done
    done
    echo "$1: plain JSON $(median <"$work/bare.us") us per delivery; ÷ it: Protobuf $(median <"$work/protobuf.ratios"), history of 100 $(median <"$work/kept.ratios"), positions $(median <"$work/seen.ratios") (medians of $rounds); lost $lost"
    for kind in protobuf kept seen; do echo "  $kind: $(sort -g "$work/$kind.ratios" | tr '\n' ' ')"; done
}

# The runtime compiles hot code again while it runs.
messages=1000 window=64
for kind in bare kept seen; do load "$kind" "${json[@]}" >/dev/null; done
load bare "${protobuf[@]}" >/dev/null

messages=200 window=1 measure "one publication in flight"
messages=1500 window=64 measure "64 in flight            "
