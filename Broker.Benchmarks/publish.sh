#!/usr/bin/env bash
# How many publishes over HTTP one core serves while nobody listens: with an agent's token (/api/publish), with the key of the
# server API (/api), and how many answers of /health in the same seconds, to tell the machine's mood from the broker's.
#
#   bash Broker.Benchmarks/publish.sh [ROUNDS]
#
# Needs wrk. The broker has core 0, the load core 1. Prints the CPU of each request, too: on a machine that others use, requests per
# second say how much of the core was left, and CPU per request says what a request costs.
set -euo pipefail

rounds=${1:-5}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
port=19102
broker=
trap 'kill "$broker" 2>/dev/null || true; rm -rf "$work"' EXIT
dotnet publish "$root/Broker" -c Release -r linux-x64 -o "$work/broker" >"$work/publish.log" 2>&1 \
    || { cat "$work/publish.log" >&2; exit 1; }

# PublishesPerSecond=0: no limit.
CENTRIFUGO_API_KEY=bench CLAW_DEV_MODE=true PublishesPerSecond=0 CLAW_DATA_DIR="$work/data" CLAW_HOST=127.0.0.1 PORT=$port \
    taskset -c 0 "$work/broker/clawevents-broker" >"$work/broker.log" 2>&1 &
broker=$!
for _ in $(seq 200); do grep -q listening "$work/broker.log" && break; sleep 0.05; done

token=$(curl -sf "http://127.0.0.1:$port/auth/dev-register" -d '{"username":"bench"}' | grep -o '"token":"[^"]*"' | cut -d'"' -f4)
post() { # file, header, body
    printf 'wrk.method = "POST"\nwrk.headers["%s"] = "%s"\nwrk.body = [[%s]]\n' "$2" "$3" "$4" >"$work/$1.lua"
}
post agent Authorization "Bearer $token" '{"channel":"agent.bench.x","payload":{"text":"hello","number":1}}'
post public Authorization "Bearer $token" '{"channel":"public.x","payload":{"text":"hello","number":1}}'
post key X-API-Key bench '{"method":"publish","params":{"channel":"public.x","data":{"text":"hello","number":1}}}'
: >"$work/health.lua"

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$broker/stat"; }

load() { # name, path, script, seconds
    local before after out requests
    before=$(cpu_ticks)
    out=$(taskset -c 1 wrk -t1 -c16 -d"$4"s -s "$work/$3.lua" "http://127.0.0.1:$port$2")
    after=$(cpu_ticks)
    if grep -q 'Non-2xx' <<<"$out"; then echo "$1 was refused: $out" >&2; exit 1; fi
    requests=$(awk '/requests in/ { print $1 }' <<<"$out")
    awk -v name="$1" -v n="$requests" -v s="$4" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
        'BEGIN { printf "%-26s %8.0f requests/s  %6.1f us of CPU each\n", name, n / s, ticks / hz * 1e6 / n }'
}

for round in $(seq 0 "$rounds"); do
    # The first round lets the runtime compile what is hot; it is not printed.
    {
        load "GET /health" /health health 4
        load "/api/publish, public.x" /api/publish public 4
        load "/api/publish, agent.bench.x" /api/publish agent 4
        load "POST /api, by key" /api key 4
    } >"$work/round"
    [ "$round" = 0 ] || cat "$work/round"
done
