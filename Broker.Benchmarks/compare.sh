#!/usr/bin/env bash
# Compares the broker with the least a fan-out server can do on this kernel, in one run, and prints the ratios.
#
#   bash Broker.Benchmarks/compare.sh FOLDER [ROUNDS]
#
# FOLDER holds wsload.c (a neutral WebSocket load generator) and limit.c (one send() per subscriber, no features).
# The server has core 0 to itself, the load core 1; limit and broker take turns. Everything stays on loopback, is bounded
# in count and time, and is stopped by pid. Absolute figures of a shared machine mean little: read the ratios.
set -euo pipefail

sources=${1:?"usage: compare.sh FOLDER [ROUNDS]: the folder with wsload.c and limit.c"}
rounds=${2:-5}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
limit_port=19100
broker_port=19101
started=()
stop() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap stop EXIT

gcc -O2 -w -o "$work/wsload" "$sources/wsload.c"
gcc -O2 -w -o "$work/limit" "$sources/limit.c"
dotnet publish "$root/Broker" -c Release -r linux-x64 --self-contained false -p:PublishSingleFile=false -o "$work/broker" >"$work/publish.log" 2>&1 \
    || { cat "$work/publish.log" >&2; exit 1; }

start_broker() { # sets broker
    # Rate limits are for clients; the server API that publishes here has none.
    CENTRIFUGO_API_KEY=bench CLAW_DATA_DIR="$work/data" CLAW_HOST=127.0.0.1 PORT=$broker_port \
        taskset -c 0 "$work/broker/clawevents-broker" >"$work/broker.log" 2>&1 &
    broker=$!
    started+=("$broker")
    for _ in $(seq 200); do grep -q listening "$work/broker.log" && return; sleep 0.05; done
    cat "$work/broker.log" >&2
    exit 1
}

stop_broker() { kill "$broker"; wait "$broker" 2>/dev/null || true; }

figure() { grep -oE "$1=-?[0-9.]+" | head -n 1 | cut -d= -f2; }

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

load_limit() {
    taskset -c 1 "$work/wsload" --port $limit_port --path / --conns 1000 --pid "$limit" \
        --pub-http / --pub-body '{"t":%T,"p":"%P"}' --size 100 "$@"
}

subscribers() {
    taskset -c 1 "$work/wsload" --port $broker_port --path /connection/websocket --pid "$broker" \
        --init '{"id":1,"connect":{}}' --init '{"id":2,"subscribe":{"channel":"public.x"}}' --ping '{}' --pong '{}' "$@"
}

load_broker() {
    subscribers --conns 1000 --pub-http /api --pub-header X-API-Key:bench \
        --pub-body '{"method":"publish","params":{"channel":"public.x","data":{"t":%T,"p":"%P"}}}' --size 100 "$@"
}

fan_out() { # title, then what both loads get
    local title=$1 r limit_us broker_us lost=0 one out
    shift
    : >"$work/limit.us"; : >"$work/broker.us"; : >"$work/ratios"
    for r in $(seq "$rounds"); do
        limit_us=$(load_limit "$@" | figure us_per_delivery)
        out=$(load_broker "$@")
        broker_us=$(figure us_per_delivery <<<"$out")
        one=$(figure lost <<<"$out")
        lost=$((lost + one))
        echo "$limit_us" >>"$work/limit.us"; echo "$broker_us" >>"$work/broker.us"
        ratio "$broker_us" "$limit_us" >>"$work/ratios"; echo >>"$work/ratios"
    done
    echo "$title: broker $(median <"$work/broker.us") us, limit $(median <"$work/limit.us") us per delivery; broker ÷ limit = $(grep . "$work/ratios" | median) (median of $rounds; $(grep . "$work/ratios" | sort -g | tr '\n' ' ')), lost $lost"
}

taskset -c 0 "$work/limit" $limit_port &
limit=$!
started+=("$limit")
start_broker
# The runtime compiles hot code again while it runs: the first loads are not what a broker costs that has run for a minute.
load_broker --messages 2000 --warm 100 --window 64 >/dev/null
load_broker --messages 500 --warm 100 >/dev/null

fan_out "one publication in flight" --messages 300 --warm 150
fan_out "64 in flight            " --messages 2000 --warm 150 --window 64
stop_broker

declare -A resident
for conns in 2000 12000; do
    start_broker
    out=$(subscribers --conns $conns --hold 5)
    resident[$conns]=$(figure rss_after_kb <<<"$out")
    stop_broker
done
awk -v a="${resident[2000]}" -v b="${resident[12000]}" \
    'BEGIN { printf "idle: %.2f KB per subscribed connection (resident memory: %d KB with 2,000, %d KB with 12,000)\n", (b - a) / 10000, a, b }'

# The runtime goes on compiling hot code for several loads, on the broker's core; the last three tell what a connection costs. Between
# loads the broker gets time to bury the connections of the one before.
start_broker
: >"$work/connect.us"
for _ in $(seq 7); do
    subscribers --conns 6000 --settle 1500 | figure server_cpu_us_per_connect >>"$work/connect.us"
    sleep 2.5
done
echo "connect and subscribe: $(tail -n 3 "$work/connect.us" | median) us of CPU each (6,000 at a time, the last three of: $(tr '\n' ' ' <"$work/connect.us"))"
stop_broker
