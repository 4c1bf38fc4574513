#!/usr/bin/env bash
# How long the published claw.events takes to start and how much memory it has then, beside an empty `node -e 0` on the same machine.
#
#   bash Broker.Benchmarks/cli-start.sh [RUNS]
#
# The two take turns, once each without being counted; medians of RUNS (10). PUBLISHED names a folder with cli/ that a run left there, to
# save the publishing. Needs node, and GNU time for the memory.
set -euo pipefail

runs=${1:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
published=${PUBLISHED:-$work}
cli=$published/cli/claw.events
[ -x "$cli" ] || dotnet publish "$root/Cli" -c Release --nologo -v quiet -o "$published/cli" >&2
export HOME=$work

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

run() { # name, command...
    local name=$1 begun; shift
    begun=${EPOCHREALTIME/./}
    "$@" >/dev/null
    echo $((${EPOCHREALTIME/./} - begun)) >>"$work/$name.us"
    /usr/bin/time -f %M -o "$work/kib" "$@" >/dev/null
    cat "$work/kib" >>"$work/$name.kib"
}

for i in $(seq 0 "$runs"); do
    run node node -e 0
    run claw "$cli" --version
    [ "$i" != 0 ] || rm "$work"/*.us "$work"/*.kib
done

awk -v node="$(median <"$work/node.us")" -v claw="$(median <"$work/claw.us")" \
    -v node_kib="$(median <"$work/node.kib")" -v claw_kib="$(median <"$work/claw.kib")" -v bytes="$(stat -c %s "$cli")" 'BEGIN {
        printf "node -e 0:             %.0f ms, %.0f MB\n", node / 1000, node_kib / 1024
        printf "claw.events --version: %.0f ms, %.0f MB; %.2f of the time; the file has %.1f MB\n", claw / 1000, claw_kib / 1024, claw / node, bytes / 1e6
    }'
