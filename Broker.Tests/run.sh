#!/usr/bin/env bash
# Installs what the tests need and is missing, builds the solution once, and runs all tests.
# SLOW=1 runs those of the category Slow, too. The last line is always: N passed, N failed, N skipped
# The exit code is 0 only if tests ran and none failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
# Most processor time is that of compiling at run time, in programs that end before it pays. Without counting calls for a better second time, the C#
# compiler takes a quarter less; a tenth is what it costs to map the pages of code twice, for writing and for running.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0
counts="0 passed, 0 failed, 0 skipped"
results=$(mktemp -d)
trap 'end_compiler; rm -rf "$results"; echo "$counts"' EXIT

say() { echo "run.sh: $*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

# Debian's packages of the programs that are not there. RUNLEVEL=1: their services are not started, the tests start their own.
install_missing() {
  local packages=()
  command -v pkill >/dev/null || packages+=(procps)
  command -v redis-server >/dev/null || packages+=(redis-server)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  [ -d /usr/share/json-schema-test-suite ] || packages+=(json-schema-test-suite)
  command -v ssh-keygen >/dev/null || packages+=(openssh-client)
  [ -x /usr/sbin/nginx ] || packages+=(nginx-light)
  [ -x /usr/sbin/haproxy ] || packages+=(haproxy)
  [ -x /usr/bin/caddy ] || packages+=(caddy)
  # For the native broker.
  command -v clang >/dev/null || packages+=(clang)
  [ -e /usr/include/zlib.h ] || packages+=(zlib1g-dev)
  [ -d /usr/lib/postgresql ] || packages+=(postgresql)
  [ -x /usr/sbin/nats-server ] || packages+=(nats-server)
  [ -x /usr/bin/pebble ] || packages+=(pebble)
  [ -x /usr/bin/prometheus ] || packages+=(prometheus)
  command -v zsh >/dev/null || packages+=(zsh)
  command -v fish >/dev/null || packages+=(fish)
  [ "${#packages[@]}" -gt 0 ] || return 0
  say "installing ${packages[*]}"
  if ! as_root apt-get update -q </dev/null >&2 ||
    ! as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -q -y --no-install-recommends "${packages[@]}" </dev/null >&2; then
    say "could not install ${packages[*]}; the tests that need them will say so"
  fi
}

# The browser is large, and nothing before the tests needs it.
browser=""
install_browser() {
  ! command -v chromium >/dev/null || return 0
  say "installing chromium"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core </dev/null >"$results/browser.log" 2>&1 &
  browser=$!
}

await_browser() {
  [ -z "$browser" ] || wait "$browser" || say "could not install chromium; the tests of the pages will say so"
}

# npm writes node_modules/.package-lock.json when an installation is complete.
install_client() (
  cd Broker.Tests/EndToEnd/js
  local installed=node_modules/.package-lock.json
  if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    npm ci --no-audit --no-fund --loglevel=error </dev/null >&2
  fi
)

read_counts() {
  local trx="$1" counters total executed
  counters=$(grep -o '<Counters [^>]*' "$trx")
  count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
  total=$(count total) executed=$(count executed) passed=$(count passed)
  failed=$((executed - passed))
  # A run that broke off has a failure, even if no test is to blame.
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    say "the run ended with exit code $status though no test failed: did the test host break off?"
    failed=1
  fi
  skipped=$((total - executed))
  counts="$passed passed, $failed failed, $skipped skipped"
}

# A test that fails beside thousands of others, on two cores, and passes alone has met a limit of time: it is named, so that somebody mends it, and does
# not fail the run. More than a few have another cause.
most_repeated=5

filter_of_failed() {
  local trx="$1" id
  grep -o '<UnitTestResult [^>]* outcome="Failed"' "$trx" | sed 's/.* testId="\([^"]*\)".*/\1/' | while read -r id; do
    grep -A 4 "<UnitTest [^>]*id=\"$id\"" "$trx" | sed -n 's/.*<TestMethod .* className="\([^"(]*\)[^"]*" name="\([^"(]*\).*/FullyQualifiedName~\1.\2/p'
  done | sort -u
}

repeat_failed() {
  local methods
  # None is named when the run broke off.
  methods=$(filter_of_failed "$results/tests.trx" || true)
  if [ -z "$methods" ] || [ "$failed" -gt "$most_repeated" ]; then
    return 0
  fi
  say "failed, and run once more alone: $(tr '\n' ' ' <<<"$methods")"
  methods="(${methods//$'\n'/|})"
  [ "${SLOW:-}" = 1 ] || methods+="&Category!=Slow"
  if dotnet test ClawEvents.sln -c Release --no-build --nologo --filter "$methods" \
    --results-directory "$results" --logger "trx;LogFileName=repeated.trx" \
    --blame-hang-timeout 10m --blame-hang-dump-type none -- NUnit.AssemblySelectLimit=1000000 NUnit.NumberOfTestWorkers=1 </dev/null &&
    grep -q '<Counters total="[1-9]' "$results/repeated.trx"; then
    say "$failed tests failed beside the others and passed alone"
    counts="$((passed + failed)) passed, 0 failed, $skipped skipped"
    failed=0
  fi
}

# One compiler for all projects, which would otherwise start cold for each. It is ours alone, and ends with the build.
compiler=(-p:UseSharedCompilation=true "-p:SharedCompilationId=clawevents-tests-$$")
end_compiler() { pkill -f -- "-pipename:clawevents-tests-$$" || true; }

# The files that ship, beside the build, which holds the analyzers' rules; NativeBrokerTests would publish the broker anyway. Every test that starts the
# broker or the client as a program runs on them: they start in a quarter of the processor time, and in a tenth. Files that CLAW_TEST_BROKER and
# CLAW_TEST_CLI name already stay the ones.
native="$PWD/artifacts/native-test/out/clawevents-broker"
native_client="$PWD/artifacts/native-client/out/claw.events"
publishing=()
publish_one() {
  local out=${2%/*}
  # The native compiler collects garbage for a fifth of its time, unless it may fill more memory in between.
  DOTNET_GCgen0size=0x8000000 \
    dotnet publish "$1" -c Release -r linux-x64 --artifacts-path "${out%/*}" -o "$out" --nologo -p:NuGetAudit=false -p:RunAnalyzers=false "${compiler[@]}" \
    </dev/null >"$results/native-$1.log" 2>&1 &
  publishing+=($!)
}

# Both at once: for a third of the time the native compiler keeps one core only.
publish_native() {
  if [ -n "${CLAW_TEST_BROKER:-}" ] || [ "$(uname -sm)" != "Linux x86_64" ] || ! command -v clang >/dev/null; then
    return 0
  fi
  rm -rf "${native%/*}" "${native_client%/*}"
  publish_one Broker "$native"
  publish_one Cli "$native_client"
}

take_native() {
  [ "${#publishing[@]}" -gt 0 ] || return 0
  local one done=1
  for one in "${publishing[@]}"; do
    wait "$one" || done=0
  done
  if [ "$done" = 1 ] && ! grep -q warning "$results"/native-*.log; then
    export CLAW_TEST_BROKER="$native" CLAW_TEST_CLI="${CLAW_TEST_CLI:-$native_client}"
  else
    say "the native files were not published without a warning; NativeBrokerTests try again and tell why: $(grep -h -m 3 -E 'warning|error' "$results"/native-*.log)"
  fi
}

command -v dotnet >/dev/null || { say "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"; exit 1; }
install_missing
install_browser
publish_native
if command -v npm >/dev/null; then
  install_client || say "npm ci failed; the tests of the official client will say so"
fi

# The benchmarks last: they fill the time in which the native linker uses one core.
for part in Broker.Tests ClawEvents.sln; do
  if ! dotnet build "$part" -c Release --nologo -v minimal "${compiler[@]}" </dev/null; then
    [ "${#publishing[@]}" -eq 0 ] || kill "${publishing[@]}"
    exit 1
  fi
done
take_native
await_browser
end_compiler

filter=()
[ "${SLOW:-}" = 1 ] || filter=(--filter "Category!=Slow")
status=0
# The adapter's limit: of more tests than that it runs all, slow ones too, whatever the filter says.
dotnet test ClawEvents.sln -c Release --no-build --nologo "${filter[@]}" \
  --results-directory "$results" --logger "trx;LogFileName=tests.trx" \
  --blame-hang-timeout 10m --blame-hang-dump-type none -- NUnit.AssemblySelectLimit=1000000 </dev/null || status=$?

if [ ! -s "$results/tests.trx" ]; then
  say "no test ran"
  exit 1
fi

failed=0 passed=0 skipped=0
read_counts "$results/tests.trx"
repeat_failed
if [ "$counts" = "0 passed, 0 failed, 0 skipped" ]; then
  say "no test ran"
  exit 1
fi

[ "$failed" -eq 0 ]
