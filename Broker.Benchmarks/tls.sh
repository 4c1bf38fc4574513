#!/usr/bin/env bash
# What TLS costs: CPU per connect, CPU per delivery and memory per connection of one broker without and one with TLS, by turns.
#
#   bash Broker.Benchmarks/tls.sh [ROUNDS] [SECTION...]
#
# Sections: connect one sat idle; all of them by default. The load is the same small client for both (load/fanout.py; needs python3), so
# its figures are not compare.sh's: read the column x_plain. Server on core 0, load on core 1. The certificate is made for the run, with
# a P-256 key; every handshake is a full one, TLS 1.3. BROKER, BROKER_ENV, SUBSCRIBERS, CONNECTS, MESSAGES, IDLE and BUDGET as in compare.sh.
set -euo pipefail

rounds=${1:-5}
shift $(($# < 1 ? $# : 1))
sections=("$@")
if (($# == 0)); then sections=(connect one sat idle); fi
subscribers=${SUBSCRIBERS:-500}
connects=${CONNECTS:-2000}
messages=${MESSAGES:-200}
idle=${IDLE:-1000 4000}

for part in common servers tables; do
    # shellcheck source=/dev/null
    source "$(dirname "${BASH_SOURCE[0]}")/compare/$part.sh"
done

publish_broker
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log" || { cat "$work/openssl.log" >&2; exit 1; }

start_plain() { serve_broker "$@" "$broker" ${BROKER_ENV:-}; }

# shellcheck disable=SC2086 # settings are words
start_tls() { serve_broker "$@" "$broker" TlsCertificateFile="$work/cert.pem" TlsKeyFile="$work/key.pem" ${BROKER_ENV:-}; }

fanout() { # plain or tls, connections, then messages and window: sets answer
    answer=$(taskset -c 1 timeout 300 python3 -B "$benchmarks/load/fanout.py" "${port[$1]}" "${pid[$1]}" "$@")
}

section_connect() {
    local key _
    echo "## connect: $connects connections, eight at a time, that connect and subscribe"
    start plain tls
    # The runtime goes on compiling hot code for several loads; these are not counted.
    for _ in 1 2 3; do
        for key in plain tls; do fanout "$key" "$connects" 0 1; done
    done
    table measure_connect "cpu_us x_plain per_core connects_per_s" plain tls
    stop plain tls
}

measure_connect() { # key
    fanout "$1" "$connects" 0 1
    note "$1" cpu_us server_cpu_us_per_connect
    note "$1" connects_per_s connects_per_s
    note_ratio "$1" x_plain cpu_us plain
    awk -v us="$(last "$1" cpu_us)" 'BEGIN { print (us > 0 ? int(1e6 / us) : "-") }' >>"$work/$1.per_core.column"
}

section_one() { deliveries "one: one publication in flight" 1 "$messages"; }

section_sat() { deliveries "sat: 64 publications in flight" 64 $((messages * 5)); }

deliveries() { # title, window, messages
    local window=$2 messages=$3 key
    echo "## $1, $subscribers subscribers, 100 bytes"
    start plain tls
    for key in plain tls plain tls; do fanout "$key" "$subscribers" "$messages" "$window"; done
    table measure_deliveries "cpu_us x_plain lost" plain tls
    stop plain tls
}

measure_deliveries() { # key; uses messages and window
    fanout "$1" "$subscribers" "$messages" "$window"
    note "$1" cpu_us us_per_delivery
    note "$1" lost lost
    note_ratio "$1" x_plain cpu_us plain
}

section_idle() {
    local few many
    read -r few many <<<"$idle"
    echo "## idle: resident memory per subscribed connection, slope between $few and $many connections"
    table measure_idle "kb_each x_plain few_kb many_kb" plain tls
}

measure_idle() { # key; uses few and many
    note_memory "$1" few_kb "$few"
    note_memory "$1" many_kb "$many"
    note_slope "$1" $((many - few))
    note_ratio "$1" x_plain kb_each plain
}

note_memory() { # key, column, connections
    start "$1"
    fanout "$1" "$3"
    note "$1" "$2" rss_after_kb
    stop "$1"
}

for section in "${sections[@]}"; do
    declare -F "section_$section" >/dev/null || fail "no section $section: connect one sat idle"
    if late; then echo "no time for $section (BUDGET=$budget)"; continue; fi
    "section_$section"
done
