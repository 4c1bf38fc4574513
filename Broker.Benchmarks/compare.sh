#!/usr/bin/env bash
# Compares the broker with the least a fan-out server can do on this kernel and with other servers, by turns in the same rounds.
#
#   bash Broker.Benchmarks/compare.sh FOLDER [ROUNDS] [SECTION...]
#
# FOLDER holds wsload.c (a neutral WebSocket load generator) and limit.c (one send() per subscriber, no features). Sections: one sat idle
# connect cores tail; all of them by default. What each says, and its columns: docs/explanation/performance.md.
#
# From the environment:
#   BROKER           a broker to run, instead of publishing this source; BROKER_ENV="A=b C=d" are settings for it alone
#   BROKER2          a second one, by turns with the first, with BROKER2_ENV; either alone is enough; and so on up to BROKER9
#   PEERS            which others: "bun centrifugo nats"; "" for none
#   BUN, CENTRIFUGO, NATS_SERVER   their programs; Bun comes from npm, NATS from Debian's nats-server, without
#   RATE             publications a second of `tail`
#   CORES            those of the servers: 0 without; the server GC needs more than one
#   BUDGET           seconds after which no further round begins
#   SUBSCRIBERS, IDLE="few many", CONNECTS, LOAD_PERCENT   sizes, for a quick look
# Everything else reaches every server: DOTNET_TieredPGO=0, say.
#
# Everything stays on loopback, is bounded in count and time, and is stopped by pid. Absolute figures of a shared machine mean little:
# read the ratios.
set -euo pipefail

sources=${1:?"usage: compare.sh FOLDER [ROUNDS] [SECTION...]: the folder with wsload.c and limit.c"}
rounds=${2:-5}
shift $(($# < 2 ? $# : 2))
sections=("$@")
if (($# == 0)); then sections=(one sat idle connect cores tail); fi

subscribers=${SUBSCRIBERS:-1000}
idle=${IDLE:-2000 12000}
connects=${CONNECTS:-6000}

for part in common servers tables sections; do
    # shellcheck source=/dev/null
    source "$(dirname "${BASH_SOURCE[0]}")/compare/$part.sh"
done

for section in "${sections[@]}"; do
    declare -F "section_$section" >/dev/null || fail "no section $section: one sat idle connect cores tail"
done

for program in wsload limit; do gcc -O2 -w -o "$work/$program" "$sources/$program.c"; done
publish_broker
find_servers
echo "servers: ${servers[*]}; $rounds rounds; $(uname -rm), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg)"

for section in "${sections[@]}"; do
    if late; then echo "no time for $section (BUDGET=$budget)"; continue; fi
    "section_$section"
done
echo "took $SECONDS s; load $(cut -d' ' -f1-3 /proc/loadavg)"
