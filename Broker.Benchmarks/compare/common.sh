# Shared by compare.sh and the scripts beside it, which source it: starting and stopping servers by pid, free ports, medians.
# Sets root, work (a temporary folder) and, by key of each server, pid and port.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
benchmarks=$root/Broker.Benchmarks
work=$(mktemp -d)
declare -A pid=() port=()
last_port=19099

# Every connection is a descriptor, in the server and in the load.
ulimit -n "$(ulimit -H -n)"

fail() { echo "$*" >&2; exit 1; }

next_port() { # sets last_port to a port that nothing listens on
    last_port=$((last_port + 1))
    while (exec 3<>"/dev/tcp/127.0.0.1/$last_port") 2>/dev/null; do last_port=$((last_port + 1)); done
}

serve() { # key, cores, then the command, in which %port is the server's port
    local key=$1 cores=$2
    shift 2
    next_port
    port[$key]=$last_port
    taskset -c "$cores" "${@//%port/$last_port}" >"$work/$key.log" 2>&1 &
    pid[$key]=$!
    await "$key"
}

await() { # key: waits until its server listens
    local _
    for _ in $(seq 400); do
        if (exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}") 2>/dev/null; then return; fi
        kill -0 "${pid[$1]}" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/$1.log" >&2
    fail "$1 does not listen on port ${port[$1]}"
}

stop() { # keys: asks each to stop, and ends after 10 seconds one that does not
    local key id _
    for key in "$@"; do
        id=${pid[$key]}
        unset "pid[$key]"
        kill "$id" 2>/dev/null || true
        for _ in $(seq 200); do kill -0 "$id" 2>/dev/null || break; sleep 0.05; done
        kill -9 "$id" 2>/dev/null || true
        wait "$id" 2>/dev/null || true
    done
}

stop_all() { stop "${!pid[@]}"; rm -rf "$work"; }
trap stop_all EXIT

publish_broker() { # sets broker: BROKER, or this source, published
    broker=${BROKER:-$work/broker/clawevents-broker}
    if [ -n "${BROKER:-}" ]; then return; fi
    dotnet publish "$root/Broker" -c Release -r linux-x64 -o "$work/broker" >"$work/publish.log" 2>&1 \
        || { cat "$work/publish.log" >&2; exit 1; }
    # Building does not count against BUDGET.
    SECONDS=0
}

serve_broker() { # key, cores, file, then settings as NAME=value
    local key=$1 cores=$2 file=$3
    shift 3
    rm -rf "$work/$key.data"
    # Rate limits are for clients; the server API that publishes here has none.
    serve "$key" "$cores" env CENTRIFUGO_API_KEY=bench CLAW_DATA_DIR="$work/$key.data" CLAW_HOST=127.0.0.1 PORT=%port "$@" "$file"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.3f\n", a / b; else print "-" }'; }
