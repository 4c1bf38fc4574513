# The servers that compare.sh measures, and how wsload speaks to each. A key is a server's name, or name@cores where it does not have
# core 0 to itself: broker@0,1.

find_servers() { # sets servers: limit, the brokers, and of PEERS those that are there
    local peer n file settings
    servers=(limit broker)
    for n in 2 3 4 5 6 7 8 9; do
        file=BROKER$n settings=BROKER${n}_ENV
        if [ -n "${!file:-}${!settings:-}" ]; then servers+=("broker$n"); fi
    done
    for peer in ${PEERS-bun centrifugo nats}; do
        if "find_$peer"; then servers+=("$peer"); fi
    done
}

find_bun() { # BUN, or the npm package with the program for this machine, in a cache folder
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/clawevents-bench package
    package=@oven/bun-linux-$(uname -m | sed s/x86_64/x64/)
    bun=${BUN:-$cache/node_modules/$package/bin/bun}
    if [ -x "$bun" ]; then return; fi
    mkdir -p "$cache"
    npm install --silent --no-audit --no-fund --prefix "$cache" "$package" >&2 || true
    [ -x "$bun" ] || { echo "without Bun: npm could not install $package" >&2; return 1; }
}

find_centrifugo() { [ -x "${CENTRIFUGO:-}" ] || { echo "without Centrifugo: CENTRIFUGO names no program" >&2; return 1; }; }

find_nats() { # NATS_SERVER, or Debian's package
    nats=${NATS_SERVER:-$(PATH=$PATH:/usr/sbin command -v nats-server || true)}
    [ -x "$nats" ] || { echo "without NATS: NATS_SERVER names no program, and nats-server is not installed" >&2; return 1; }
}

start() { # keys
    local key cores
    for key in "$@"; do
        cores=${CORES:-0}
        if [[ $key = *@* ]]; then cores=${key#*@}; fi
        case $key in
            broker*) start_broker "$key" "$cores" ;;
            *) "start_${key%@*}" "$key" "$cores" ;;
        esac
    done
}

start_limit() { serve "$@" "$work/limit" %port; }

start_broker() { # key, cores
    local name=${1%@*}
    local file=${name^^} settings=${name^^}_ENV
    # The settings are words: a value has no blanks.
    # shellcheck disable=SC2086
    serve_broker "$@" "${!file:-$broker}" ${!settings:-}
}

start_bun() { serve "$@" "$bun" "$benchmarks/peers/bun.mjs" %port; }

start_centrifugo() { serve "$@" env CENTRIFUGO_HTTP_SERVER_PORT=%port "$CENTRIFUGO" -c "$benchmarks/peers/centrifugo.json"; }

start_nats() { serve "$@" env BENCH_PORT=%port "$nats" -c "$benchmarks/peers/nats.conf"; }

size=100
centrifugo_client=(--path /connection/websocket --init '{"id":1,"connect":{}}' --init '{"id":2,"subscribe":{"channel":"public.x"}}' --ping '{}' --pong '{}')
nats_connect='CONNECT {"verbose":false,"pedantic":false}%r%n'

describe() { # key: sets subscriber and publisher, wsload's options for it
    local data='{"t":%T,"p":"%P"}'
    case ${1%@*} in
        limit | bun)
            subscriber=(--path /)
            publisher=(--pub-http / --pub-body "$data") ;;
        broker*)
            subscriber=("${centrifugo_client[@]}")
            publisher=(--pub-http /api --pub-header X-API-Key:bench --pub-body '{"method":"publish","params":{"channel":"public.x","data":'"$data"'}}') ;;
        centrifugo)
            subscriber=("${centrifugo_client[@]}")
            publisher=(--pub-http /api/publish --pub-header X-API-Key:bench --pub-body '{"channel":"public.x","data":'"$data"'}') ;;
        nats) # The text around the padding has 32 characters.
            subscriber=(--path / --init "$nats_connect" --init 'SUB x 1%r%n' --ping $'PING\r\n' --pong $'PONG\r\n')
            publisher=(--pub-ws / --pub-init "$nats_connect" --pub-frame "PUB x $((32 + size))%r%n$data%r%n") ;;
    esac
}
