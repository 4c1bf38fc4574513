#!/usr/bin/env bash
# What a user's script does with the client: every command once, against a running broker.
# Needs: CLAW, the client's command; CLAW_API_URL, the broker in development mode; HOME, an empty folder; CLAW_TOKEN_FILE, a token to save;
# CENTRIFUGO_API_KEY, the key of the server API.
# Says what it does; ends with 1 at the first thing that is not as it should be.
set -euo pipefail

claw() { $CLAW "$@"; }
# Agents have homes of their own.
as() { local agent=$1; shift; claw --config "$HOME/$agent" "$@"; }
# A benchmark says on stderr that it puts load on the server.
quiet() { "$@" 2>/dev/null; }
step() { echo "== $*"; }
fail() { echo "cli.sh: $*" >&2; exit 1; }

# expect TEXT COMMAND...: it succeeds and says so.
expect() {
  local text=$1 output; shift
  output=$("$@") || fail "'$*' ended with $?"
  [[ $output == *"$text"* ]] || fail "'$*' does not say '$text' but: $output"
}

# refuse TEXT COMMAND...: it fails with 1, says so on stderr, and how to go on, and nothing on stdout.
refuse() {
  local text=$1 status=0; shift
  "$@" >"$HOME/out" 2>"$HOME/err" || status=$?
  [ "$status" -eq 1 ] || fail "'$*' ended with $status"
  [ ! -s "$HOME/out" ] || fail "'$*' failed and wrote to stdout: $(cat "$HOME/out")"
  [[ $(cat "$HOME/err") == *"$text"*"How to fix:"* ]] || fail "'$*' does not say '$text' but: $(cat "$HOME/err")"
}

# The text of one member of --json output.
member() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p"; }

# Waits for a condition, thirty seconds at most.
until_true() {
  local tries=300
  until eval "$1"; do
    ((tries-- > 0)) || fail "waited in vain for: $1"
    sleep 0.1
  done
}

listener=
runner=
trap 'for pid in $listener $runner; do kill "$pid" 2>/dev/null || true; done' EXIT

step "help and version"
expect "COMMANDS:" claw
expect "COMMANDS:" claw help
expect "Help: advertise set" claw help advertise set
expect "claw.events version " claw version
expect "claw.events version " claw --version
expect "complete -F _claw_events claw.events" claw completion bash
expect "#compdef claw.events" claw completion zsh
expect "complete -c claw.events" claw completion fish
expect ".TH CLAW.EVENTS 1" claw man
expect "claw.events pub" claw instruction-prompt

step "who one is"
expect "Not authenticated" as alice whoami
refuse "Authentication required" as alice pub public.townsquare hello
expect "Development registration completed" as alice dev-register --user alice
expect "Development registration completed" as bob dev-register --user bob
expect "alice" as alice whoami
expect "hasToken      : true" as alice config --show
expect "Server configuration updated" as alice config --server "$CLAW_API_URL"
expect "Authentication token saved" as carol login --user carol --token - <"$CLAW_TOKEN_FILE"
expect "Context added: other" as alice context add other --server "$CLAW_API_URL"
expect "Context in use: other" as alice context use other
expect "Not authenticated" as alice whoami
expect "other" as alice context list
expect "Context removed: other" as alice context remove other
expect "alice" as alice whoami
[ "$(stat -c %a "$HOME/alice/config.json")" = 600 ] || fail "others may read the token"

step "messages"
# Without the functions, which would be a shell in between that does not pass signals on.
: >"$HOME/notices" >"$HOME/subexec"
$CLAW --config "$HOME/bob" sub --verbose agent.alice.news public.townsquare >"$HOME/lines" 2>"$HOME/notices" &
listener=$!
$CLAW --config "$HOME/bob" subexec --verbose public.townsquare -- sh -c 'printf "%s\n" "$CLAW_PAYLOAD" "$1" >>"$0"' "$HOME/handed" 2>"$HOME/subexec" &
runner=$!
until_true '[ "$(grep -c "^Subscribed to " "$HOME/notices" "$HOME/subexec" | paste -sd" ")" = "$HOME/notices:2 $HOME/subexec:1" ]'
expect "Message published successfully" as alice pub agent.alice.news '{"n": 1}'
echo '"from a pipe"' | as alice pub public.townsquare - >/dev/null
until_true '[ "$(wc -l <"$HOME/lines")" -eq 2 ]'
grep -q '^{"channel":"agent.alice.news","sender":"alice","payload":{"n": \{0,1\}1},"timestamp":[0-9]*}$' "$HOME/lines" || fail "$(cat "$HOME/lines")"
grep -q '"payload":"from a pipe"' "$HOME/lines" || fail "$(cat "$HOME/lines")"
until_true '[ -e "$HOME/handed" ] && [ "$(wc -l <"$HOME/handed")" -eq 2 ]'
grep -qx '"from a pipe"' "$HOME/handed" || fail "$(cat "$HOME/handed")"
grep -q '^{"channel":"public.townsquare","sender":"alice","payload":"from a pipe",' "$HOME/handed" || fail "$(cat "$HOME/handed")"
expect '"sender":"alice","payload":"from a pipe"' claw history public.townsquare
expect '"offset":1}' as bob history public.townsquare --since 5m --limit 1
expect "Subscribed to public.townsquare: 2 clients of 1 user" as alice presence public.townsquare
expect "clients : 2" as alice presence public.townsquare --count
refuse "not available" as alice history agent.alice.news
kill "$runner"
status=0; wait "$runner" || status=$?
runner=
[ "$status" -eq 143 ] || fail "subexec ended with $status after SIGTERM"
refuse "only the channel owner" as bob pub agent.alice.news 1

step "who may listen"
expect "Channel locked: agent.alice.news" as alice lock agent.alice.news
until_true 'grep -q "Unsubscribed from agent.alice.news" "$HOME/notices"'
expect "agent.alice.news" as alice locks
expect "No locked channels found for bob" as alice locks bob
expect "alice owns the channel" as alice explain subscribe agent.alice.news
expect "rule       : locked" as bob explain subscribe agent.alice.news
expect "Access request sent for agent.alice.news" as bob request agent.alice.news "to help"
expect "Granted bob subscription access" as alice grant bob agent.alice.news
refuse "you already have access" as bob request agent.alice.news
expect "Revoked bob's subscription access" as alice revoke bob agent.alice.news
expect "Channel unlocked: agent.alice.news" as alice unlock agent.alice.news
expect "No locked channels found for alice" as alice locks
refuse "can only lock your own channels" as bob lock agent.alice.news

step "what channels are about"
expect "Advertisement set for channel" as alice advertise set -c agent.alice.news -d "News of alice" -s '{"type":"object"}'
expect "News of alice" as bob advertise list
expect "Agent: alice" as bob advertise list alice
expect "Found 1 channel(s)" as bob advertise search "NEWS OF" --limit 5
expect "Advertisement details for: agent.alice.news" as bob advertise show agent.alice.news
expect '{"n":1}' as alice validate '{"n": 1}' --channel agent.alice.news
refuse "Schema validation failed with 1 error(s)" as alice validate '[]' --channel agent.alice.news
refuse "Expected type object, got array" as alice pub agent.alice.news '[]'
as alice validate '{"n": 2}' -c agent.alice.news | as alice pub agent.alice.news - >/dev/null
expect "agent.alice.news" claw channels alice --advertised
expect "Advertisement removed for channel" as alice advertise delete agent.alice.news
expect "Available advertise subcommands" claw advertise

step "apps"
key=$(as alice app create weather --json | member key)
expect "Found 1 app(s)" as alice app list
expect "Found 1 app(s)" as alice apps ls
expect "App details for: weather" as alice app show weather
refuse "Not authorized to view this app" as bob app show weather
expect "Message published successfully" claw --token "$key" pub app.weather.today '"sunny"'
refuse "App name 'weather' already exists" as bob app create weather
new=$(as alice app rotate weather --json | member key)
refuse "Invalid or revoked API key" claw --token "$key" pub app.weather.today '"sunny"'
expect "Message published successfully" claw --token "$new" pub app.weather.today '"rain"'
expect "App 'weather' deleted successfully" as alice app delete weather
expect "Available app subcommands" claw app

step "webhooks"
expect "No webhooks found" as alice webhook list
refuse "url must not name an address that is not public" as alice webhook add agent.alice.news https://127.0.0.1:9/hook
refuse "url must begin with https://" as alice webhook add agent.alice.news http://example.com/hook
hook=$(as alice webhook add agent.alice.news https://receiver.invalid/hook --json)
[[ $(member secret <<<"$hook") == whsec_* ]] || fail "no secret: $hook"
id=$(member id <<<"$hook")
expect "Found 1 webhook(s)" as alice webhook list
expect "agent.alice.news" as alice webhooks show "$id"
refuse "Webhook '$id' not found" as bob webhook show "$id"
refuse "the host has no public address" as alice webhook test "$id"
expect "Webhook secret rotated" as alice webhook rotate "$id"
expect "Webhook resumed" as alice webhook resume "$id"
expect "Webhook removed" as alice webhook remove "$id"
expect "Available webhook subcommands" claw webhook

step "the server"
expect "public.bench" quiet as alice bench pub --count 2 --key -
expect "lost 0, duplicated 0" quiet as alice bench fanout --subscribers 2 --count 3 --key -
expect "lost 0, duplicated 0" quiet as alice bench sub --duration 1
expect "public.bench" as alice server top --once
expect "public.townsquare" as alice channels 'public.*'
expect "1 node, 1 client" as alice server info
expect "$CLAW_API_URL answers" as alice ping --count 2
expect "The node serves its clients" as alice server drain --status

step "an agent's tools"
coproc TOOLS { as alice mcp; }
say_to_tools() { printf '%s\n' "$1" >&"${TOOLS[1]}"; read -r answer <&"${TOOLS[0]}"; }
say_to_tools '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"script","version":"1"}}}'
printf '%s\n' '{"jsonrpc":"2.0","method":"notifications/initialized"}' >&"${TOOLS[1]}"
say_to_tools '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"explain","arguments":{"channel":"agent.alice.news","action":"publish"}}}'
[[ $answer == *"alice owns the channel"* ]] || fail "'mcp' answers: $answer"
tools=$TOOLS_PID
eval "exec ${TOOLS[1]}>&-"
wait "$tools" || fail "'mcp' ended with $?"

step "the other logins"
refuse "Missing --user or --token flag" as dave login
refuse "The verify command is deprecated" as dave verify

step "good bye"
kill "$listener"
status=0; wait "$listener" || status=$?
listener=
[ "$status" -eq 143 ] || fail "sub ended with $status after SIGTERM"
token=$(member token <"$HOME/alice/config.json")
expect "Logged out successfully" as alice logout --revoke
refuse "Invalid or revoked API key" claw --token "$token" lock agent.alice.news
expect "Already logged out" as alice logout
echo "done"
