# The sections of compare.sh. Each starts the servers it needs, measures them by turns and stops them. A table's measuring function gets
# a key and notes its columns; the server that others are divided by is the first key, so that its figure of the round is there.

section_one() { fan_out "one: one publication in flight" 1; }

section_sat() { fan_out "sat: 64 publications in flight" 64; }

fan_out() { # title, window
    local window=$2
    echo "## $1, $subscribers subscribers, $size bytes; server on core 0, load on core $load_core"
    start "${servers[@]}"
    warm_up "${servers[@]}"
    table measure_deliveries "cpu_us cpu_x_limit p50_ms p99_ms deliveries_per_s lost" "${servers[@]}"
    stop "${servers[@]}"
}

measure_deliveries() { # key; uses window
    publish "$1" "$(messages_for "$1" "$window")" "$window" --warm 100
    note_delivery "$1"
    note_ratio "$1" cpu_x_limit cpu_us limit
}

section_idle() {
    # Two loads of each server and round take a quarter of a minute.
    local few many rounds=$((rounds < 3 ? rounds : 3))
    read -r few many <<<"$idle"
    echo "## idle: resident memory per subscribed connection, slope between $few and $many connections"
    table measure_idle "kb_each few_kb many_kb" "${servers[@]}"
}

measure_idle() { # key; uses few and many
    note_memory "$1" few_kb "$few"
    note_memory "$1" many_kb "$many"
    note_slope "$1" $((many - few))
}

note_memory() { # key, column, connections
    start "$1"
    load "$1" --conns "$3" --ips 16 --hold 5
    note "$1" "$2" rss_after_kb
    stop "$1"
}

section_connect() {
    local key _
    echo "## connect: CPU per connect and subscribe, $connects connections at a time (limit and bun only connect)"
    start "${servers[@]}"
    # The runtime goes on compiling hot code for several loads; these are not counted.
    for _ in 1 2 3 4; do
        for key in "${servers[@]}"; do connect "$key"; done
    done
    table measure_connect "cpu_us connects_per_s failed" "${servers[@]}"
    stop "${servers[@]}"
}

measure_connect() { # key
    connect "$1"
    note "$1" cpu_us server_cpu_us_per_connect
    note "$1" connects_per_s connects_per_s
    note "$1" failed failed
}

connect() { # key: sets answer
    load "$1" --conns "$connects" --ips 16 --settle 500
    # Time to bury the connections before another server is measured on the same core.
    sleep 1
}

section_cores() {
    local key keys=(limit) window load_core=$load_core place="which is the server's second"
    if (($(nproc) > 2)); then load_core=2 place="which is its own"; fi
    for key in "${servers[@]}"; do
        case $key in broker* | centrifugo | nats) keys+=("$key" "$key@0,1") ;; esac
    done
    echo "## cores: server on core 0, and (@0,1) on cores 0 and 1; load on core $load_core, $place"
    start "${keys[@]}"
    warm_up "${keys[@]}"
    for window in 1 64; do
        echo "$window in flight:"
        table measure_cores "cpu_us cpu_x_limit p50_ms p99_ms deliveries_per_s x_one_core lost" "${keys[@]}"
    done
    stop "${keys[@]}"
}

measure_cores() { # key
    measure_deliveries "$1"
    note_ratio "$1" x_one_core deliveries_per_s "${1%@*}"
}

section_tail() {
    local rate reference=limit key keys
    echo "## tail: latency at a fixed rate; server on core 0, load on core $load_core"
    start "${servers[@]}"
    warm_up "${servers[@]}"
    if [ -n "${pid[centrifugo]:-}" ]; then reference=centrifugo; fi
    choose_rate
    keys=("$reference")
    for key in "${servers[@]}"; do
        if [ "$key" != "$reference" ]; then keys+=("$key"); fi
    done
    table measure_tail "p50_ms p99_ms p99.9_ms p99_x_$reference cpu_us lost" "${keys[@]}"
    stop "${servers[@]}"
}

choose_rate() { # sets rate: RATE, or half of what Centrifugo can do, or a quarter of what the broker does one by one
    local key=broker window=1 divisor=4
    rate=${RATE:-}
    if [ -z "$rate" ]; then
        if [ "$reference" = centrifugo ]; then key=centrifugo window=64 divisor=2; fi
        publish "$key" "$(messages_for "$key" "$window")" "$window" --warm 50
        rate=$(figure msgs_per_s)
        rate=$(awk -v r="$rate" -v d=$divisor 'BEGIN { rate = int(r / d); print (rate > 0 ? rate : 1) }')
    fi
    echo "$rate publications a second to $subscribers subscribers (RATE, or 1/$divisor of $key's rate with $window in flight)"
}

measure_tail() { # key; uses rate and reference
    publish "$1" $((rate * 2)) 64 --warm 20 --pubrate "$rate"
    note_delivery "$1"
    note "$1" p99.9_ms p99.9
    note_ratio "$1" "p99_x_$reference" p99_ms "$reference"
}
