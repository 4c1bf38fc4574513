#!/usr/bin/env bash
# What the pages cost a broker: its start and its memory with and without them, before and after somebody looks, and the bytes of the first look.
#
#   bash Broker.Benchmarks/pages.sh [RUNS]
#
# The two take turns, once each without being counted; medians of RUNS (15). The start is the time from the process to the line that names its
# address, and the CPU of all its threads until then, which other work of the machine hardly changes. Memory is RSS two seconds later, and again after every page, script and page of the documentation was fetched once. BROKER names a
# published file, to save the publishing. Needs curl.
set -euo pipefail

runs=${1:-15}
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/compare/common.sh"
publish_broker

begin() { # key: starts a broker on core 0 and notes the time until it says that it listens
    local key=$1 begun line
    next_port
    port[$key]=$last_port
    rm -rf "$work/$key.data" "$work/$key.out"
    mkfifo "$work/$key.out"
    begun=${EPOCHREALTIME/./}
    taskset -c 0 env CLAW_DATA_DIR="$work/$key.data" CLAW_HOST=127.0.0.1 PORT="$last_port" "Pages=$([ "$key" = with ] && echo true || echo false)" \
        "$broker" >"$work/$key.out" 2>"$work/$key.log" &
    pid[$key]=$!
    exec 3<"$work/$key.out"
    read -r line <&3
    echo $((${EPOCHREALTIME/./} - begun)) >>"$work/$key.start"
    cat "/proc/${pid[$key]}"/task/*/schedstat | awk '{ sum += $1 } END { print sum }' >>"$work/$key.cpu"
    [[ $line == *listening* ]] || fail "$line $(cat "$work/$key.log")"
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/${pid[$1]}/status"; }

fetch() { curl -s --fail -H 'Accept-Encoding: br' -o /dev/null -w '%{size_download}\n' "http://127.0.0.1:${port[$1]}$2"; }

# What a page loads: the addresses in its head.
loaded() { curl -s --fail --compressed "http://127.0.0.1:${port[$1]}$2" | grep -oE '"/web/[^"]+"' | tr -d '"' | sort -u; }

look() { # key: one visitor who opens everything
    local path
    for path in / /c/public.townsquare /docs /docs/api /SKILL.md /llms-full.txt \
        $(loaded "$1" /) $(loaded "$1" /c/x) $(loaded "$1" /docs) $(loaded "$1" /docs/api) \
        $(curl -s --fail "http://127.0.0.1:${port[$1]}/llms-full.txt" | sed -n 's/^<!-- \(\/docs\/.*\) -->$/\1/p'); do
        fetch "$1" "$path" >/dev/null
    done
}

for run in $(seq 0 "$runs"); do
    for key in without with; do
        begin "$key"
        sleep 2
        rss "$key" >>"$work/$key.idle"
        if [ "$key" = with ]; then
            look with
            rss with >>"$work/with.looked"
            first=$(for path in / $(loaded with /); do fetch with "$path"; done | awk '{ sum += $1 } END { print sum }')
        fi
        stop "$key"
    done
    [ "$run" != 0 ] || rm "$work"/*.start "$work"/*.cpu "$work"/*.idle "$work"/*.looked
done

awk -v a="$(median <"$work/without.start")" -v b="$(median <"$work/with.start")" -v c="$(median <"$work/without.idle")" -v d="$(median <"$work/with.idle")" \
    -v f="$(median <"$work/without.cpu")" -v g="$(median <"$work/with.cpu")" -v e="$(median <"$work/with.looked")" -v first="$first" -v bytes="$(stat -c %s "$broker")" 'BEGIN {
        printf "start:      %.1f ms without pages, %.1f ms with them\n", a / 1000, b / 1000
        printf "its CPU:    %.1f ms without pages, %.1f ms with them\n", f / 1e6, g / 1e6
        printf "idle:       %.1f MB without pages, %.1f MB with them\n", c / 1024, d / 1024
        printf "looked at:  %.1f MB, after every page was fetched once\n", e / 1024
        printf "first page: %.1f KB over the wire, with all that it loads\n", first / 1000
        printf "file:       %.2f MB\n", bytes / 1e6
    }'
