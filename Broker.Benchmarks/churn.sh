#!/usr/bin/env bash
# Whether the broker stays as it is while clients come and go: waves of them connect, subscribe, publish and leave for some minutes, and
# every 30 seconds, with no client there, its resident memory and open descriptors are printed; then a verdict.
#
#   bash Broker.Benchmarks/churn.sh MINUTES [SECONDS]
#
# SECONDS between samples: 30. Exits with 1 when the verdict is "NOT flat" or a publication was lost; docs/explanation/performance.md has
# the rule. Needs python3; BROKER and BROKER_ENV as in compare.sh.
set -euo pipefail

minutes=${1:?"usage: churn.sh MINUTES [SECONDS]"}
every=${2:-30}
for part in common servers; do
    # shellcheck source=/dev/null
    source "$(dirname "${BASH_SOURCE[0]}")/compare/$part.sh"
done

publish_broker
# The clients have no names and publish; their limits are not what is measured.
export PublishesPerSecond=0 AnonymousPublishesPerSecondPerAddress=0
start broker
taskset -c 1 timeout $((minutes * 60 + 120)) python3 -B "$benchmarks/load/churn.py" "${port[broker]}" "${pid[broker]}" $((minutes * 60)) "$every"
