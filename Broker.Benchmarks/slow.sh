#!/usr/bin/env bash
# What subscribers that do not read cost the others: 1,000 subscribers of one channel, of which 100 are missing, do not read, or read
# 256 KB a second, by turns; latency of the other 900, which read. Publications of 8,000 bytes come at a fixed rate.
#
#   bash Broker.Benchmarks/slow.sh FOLDER [ROUNDS]
#
# FOLDER holds wsload.c (a neutral WebSocket load generator); needs python3. BROKER and BROKER_ENV as in compare.sh. READERS, SLOW, RATE
# (publications a second) and LENGTH (seconds of a turn) are the sizes. At the usual ones a subscriber that does not read is sent 4 MB in
# a turn, more than the kernel and the broker keep for it: a turn has the time in which its backlog grows, its disconnect, and after.
set -euo pipefail

sources=${1:?"usage: slow.sh FOLDER [ROUNDS]: the folder with wsload.c"}
rounds=${2:-5}
subscribers=${READERS:-900}
slow=${SLOW:-100}
rate=${RATE:-50}
length=${LENGTH:-10}

for part in common servers tables; do
    # shellcheck source=/dev/null
    source "$(dirname "${BASH_SOURCE[0]}")/compare/$part.sh"
done

start_slow() { # kind
    taskset -c 1 python3 -B "$benchmarks/load/slow.py" "${port[broker]}" "$slow" "$1" >"$work/slow.out" 2>&1 &
    pid[slow]=$!
    for _ in $(seq 400); do
        if grep -q ready "$work/slow.out"; then return; fi
        kill -0 "${pid[slow]}" 2>/dev/null || break
        sleep 0.05
    done
    fail "the slow subscribers did not connect: $(<"$work/slow.out")"
}

clients() { # how many connections the broker has
    curl -sf "http://127.0.0.1:${port[broker]}/api/info" -H 'X-API-Key: bench' -d '{}' | grep -oE '"num_clients":[0-9]+' | cut -d: -f2
}

count_slow() { # kind: those of the slow that are still connected, once the readers have gone
    local left _
    for _ in $(seq 100); do
        left=$(clients)
        if ((left <= slow)); then break; fi
        sleep 0.05
    done
    echo "$left" >>"$work/$1.still_there.column"
}

measure_slow() { # kind
    if [ "$1" != none ]; then start_slow "$1"; fi
    publish broker $((rate * length)) 64 --warm 0 --pubrate "$rate"
    # The load counted the readers' deliveries.
    note_delivery "$1"
    note "$1" max_ms max
    note_ratio "$1" p99_x_none p99_ms none
    count_slow "$1"
    if [ "$1" != none ]; then stop slow; fi
    grep VmRSS "/proc/${pid[broker]}/status" | awk '{ print $2 }' >>"$work/$1.broker_kb.column"
}

gcc -O2 -w -o "$work/wsload" "$sources/wsload.c"
publish_broker
start broker
warm_up broker

# Not before: as fast as they can be sent, these overtake readers on the same machine.
size=8000
publish broker $((rate * length)) 64 --warm 0 --pubrate "$rate"
echo "$subscribers subscribers that read; $slow more that do not; $rate publications of $size bytes a second for $length s; server on core 0, load on core 1"
table measure_slow "p50_ms p99_ms p99_x_none max_ms cpu_us lost still_there broker_kb" none stopped slow
