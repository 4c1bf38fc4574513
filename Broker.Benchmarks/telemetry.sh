#!/usr/bin/env bash
# What metrics cost a delivery: a broker with InternalPort and Metrics, which nobody scrapes, against one with Metrics=false.
#
#   bash Broker.Benchmarks/telemetry.sh [ROUNDS]
#
# Both run all the time on core 0, with one reactor each; `claw.events bench fanout` on core 1 loads one after the other for 3 seconds, in changing
# order, with 300 subscribers and 1 or 64 publications in flight. Counted is the CPU of all threads of the broker (schedstat), by delivery. It prints each
# round, the medians, and the mean of the rounds' ratios with its standard error. BROKER and CLI name published programs, to save the publishing.
set -euo pipefail

rounds=${1:-20}
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/compare/common.sh"
publish_broker
cli=${CLI:-$work/cli/claw.events}
[ -n "${CLI:-}" ] || dotnet publish "$root/Cli" -c Release -o "$work/cli" >"$work/publish.log" 2>&1 || fail "$(cat "$work/publish.log")"

cpu() { cat "/proc/${pid[$1]}"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

# key, publications in flight: appends microseconds of CPU per delivery
measure() {
    local before deliveries
    before=$(cpu "$1")
    deliveries=$(CLAW_CONFIG="$work/config" taskset -c 1 "$cli" --server "http://127.0.0.1:${port[$1]}" bench fanout --subscribers 300 --duration 3 \
        --in-flight "$2" --register --json 2>"$work/bench.log" | awk '/"subscribers"/ { is = 1 } is && /"messages"/ { gsub(/[^0-9]/, ""); print; exit }')
    [ "${deliveries:-0}" -gt 0 ] || fail "$(cat "$work/bench.log")"
    awk -v ns=$(($(cpu "$1") - before)) -v n="$deliveries" 'BEGIN { printf "%.4f\n", ns / 1000 / n }' | tee -a "$work/$1.$2"
}

common=(CLAW_DEV_MODE=true Reactors=1 PublishesPerSecond=1000000)
serve_broker off 0 "$broker" "${common[@]}" Metrics=false
serve_broker on 0 "$broker" "${common[@]}" InternalPort=0

for flight in 1 64; do
    for key in on off; do measure $key $flight >/dev/null; rm "$work/$key.$flight"; done
    for round in $(seq "$rounds"); do
        if ((round % 2)); then order="on off"; else order="off on"; fi
        for key in $order; do measure $key $flight >/dev/null; done
        echo "in flight $flight: on $(tail -n1 "$work/on.$flight") off $(tail -n1 "$work/off.$flight") µs"
    done
    paste "$work/on.$flight" "$work/off.$flight" | awk -v flight=$flight -v on="$(median <"$work/on.$flight")" -v off="$(median <"$work/off.$flight")" '
        { r = log($1 / $2); sum += r; squares += r * r }
        END {
            mean = sum / NR
            printf "in flight %s: medians on %.3f off %.3f µs; mean ratio %.3f ± %.3f\n", flight, on, off, exp(mean), sqrt((squares / NR - mean * mean) / (NR - 1))
        }'
done
