#!/usr/bin/env bash
# How long the published claw.events takes to start, and to publish, and how much memory it has then, beside an empty `node -e 0` on the same machine.
#
#   bash Broker.Benchmarks/cli-start.sh [RUNS]
#
# The three take turns, once each without being counted; medians of RUNS (10). A broker on loopback takes the publishes. PUBLISHED names a folder with
# cli/ and broker/ that a run left there, to save the publishing. Needs node, and GNU time for the memory.
set -euo pipefail

runs=${1:-10}
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/compare/common.sh"
published=${PUBLISHED:-$work}
cli=$published/cli/claw.events
for project in Broker Cli; do
    out=$published/${project,,}
    [ -d "$out" ] || dotnet publish "$root/$project" -c Release -r linux-x64 --nologo -v quiet -o "$out" >&2
done
export HOME=$work

run() { # name, command...
    local name=$1 begun; shift
    begun=${EPOCHREALTIME/./}
    "$@" >/dev/null
    echo $((${EPOCHREALTIME/./} - begun)) >>"$work/$name.us"
    /usr/bin/time -f %M -o "$work/kib" "$@" >/dev/null
    cat "$work/kib" >>"$work/$name.kib"
}

serve_broker broker 0,1 "$published/broker/clawevents-broker" CLAW_DEV_MODE=true PublishesPerSecond=0
server=http://127.0.0.1:${port[broker]}
"$cli" -s "$server" dev-register --user alice >/dev/null
for i in $(seq 0 "$runs"); do
    run node node -e 0
    run version "$cli" --version
    run pub "$cli" -s "$server" pub public.x '{"n":1}'
    [ "$i" != 0 ] || rm "$work"/*.us "$work"/*.kib
done

node=$(median <"$work/node.us")
for name in node version pub; do
    awk -v name=$name -v us="$(median <"$work/$name.us")" -v node="$node" -v kib="$(median <"$work/$name.kib")" \
        'BEGIN { printf "%-8s %6.1f ms, %.3f of an empty node; %.0f MB\n", name, us / 1000, us / node, kib / 1024 }'
done
echo "the file has $(stat -c %s "$cli" | awk '{ printf "%.1f", $1 / 1e6 }') MB"
