#!/usr/bin/env bash
# How fast `claw.events sub CHANNEL | wc -l` prints a burst, and whether it prints all of it in order. Published programs, one broker,
# one publisher that sends batches of 1,000 through the server API and waits for each answer.
#
#   bash Broker.Benchmarks/cli-burst.sh [MESSAGES] [ROUNDS]
#
# The time runs from the first publish until the last line has left the pipe, so that the publisher's own time is in it. The first round
# is that of a broker which has just started and compiles what it runs. PUBLISHED names a folder with cli/ and broker/ that a run left
# there, to save the publishing. Needs curl; everything stays on loopback.
set -euo pipefail

count=${1:-100000}
rounds=${2:-5}
batch=1000
port=19110
channel=public.burst
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
published=${PUBLISHED:-$work}
started=()
stop() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap stop EXIT

wait_for() { # text, file
    for _ in $(seq 600); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.05; done
    cat "$2" >&2
    exit 1
}

for project in Broker Cli; do
    out=$published/${project,,}
    [ -d "$out" ] || dotnet publish "$root/$project" -c Release --nologo -v quiet -o "$out" >&2
done

# One request per batch, all on one connection: curl sends the next one when the answer to the last has come.
for first in $(seq 1 $batch "$count"); do
    last=$((first + batch - 1 < count ? first + batch - 1 : count))
    seq "$first" "$last" | awk -v channel=$channel '
        BEGIN { printf "{\"commands\":[" }
        {
            printf "%s{\"publish\":{\"channel\":\"%s\",\"data\":{\"_claw\":{\"sender\":\"bench\",\"timestamp\":1767225600000},", (NR == 1 ? "" : ","), channel
            printf "\"payload\":{\"n\":%d,\"text\":\"%s\"}}}}", $1, "a message of about a hundred bytes, as agents send them to each other, all day long"
        }
        END { printf "]}" }' >"$work/batch-$first.json"
    printf '%surl = "http://127.0.0.1:%d/api/batch"\nheader = "X-API-Key: bench"\nheader = "Content-Type: application/json"\ndata-binary = "@%s"\noutput = "%s"\n' \
        "$([ "$first" = 1 ] || printf 'next\n ')" $port "$work/batch-$first.json" "$work/answer" >>"$work/requests"
done

# NODE_ENV: development mode. Rate limits are for clients; the server API that publishes here has none.
NODE_ENV=development CENTRIFUGO_API_KEY=bench CLAW_DATA_DIR="$work/data" CLAW_HOST=127.0.0.1 PORT=$port "$published/broker/clawevents-broker" >"$work/broker.log" 2>&1 &
started+=($!)
wait_for listening "$work/broker.log"

run_round() {
    : >"$work/errors"
    rm -f "$work/lines" "$work/pipe"
    mkfifo "$work/pipe"
    HOME=$work "$published/cli/claw.events" --server http://127.0.0.1:$port sub --verbose $channel 2>"$work/errors" >"$work/pipe" &
    local subscriber=$! begun sent took
    started+=($subscriber)
    # head ends the pipe after the last line, so that it is known when that has come.
    head -n "$count" <"$work/pipe" | tee "$work/lines" | wc -l >"$work/count" &
    local reader=$!
    started+=($reader)
    wait_for "Subscribed to" "$work/errors"

    begun=$(date +%s%N)
    curl --silent --show-error --fail --config "$work/requests"
    sent=$((($(date +%s%N) - begun) / 1000000))
    timeout 60 tail --pid=$reader -s 0.01 -f /dev/null || { echo "after a minute $(wc -l <"$work/lines") lines of $count: $(cat "$work/errors")" >&2; exit 1; }
    took=$((($(date +%s%N) - begun) / 1000000))
    read -r -a stat </proc/$subscriber/stat
    local cpu=$(((stat[13] + stat[14]) * 1000 / $(getconf CLK_TCK)))
    kill $subscriber 2>/dev/null || true
    wait $subscriber 2>/dev/null || true

    grep -o '"n":[0-9]*' "$work/lines" | cut -d: -f2 | awk '$1 != NR { print "line " NR " is message " $1; exit 1 }' >&2
    echo "$((count * 1000 / took)) lines/s: $(cat "$work/count") lines in order, $took ms, the last publish answered after $sent; sub used $cpu ms of CPU with its start"
}

for _ in $(seq "$rounds"); do run_round; done
