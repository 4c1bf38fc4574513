# The loads of compare.sh and the tables of their figures: one row per server and round, then the medians.

load_core=1
load_percent=${LOAD_PERCENT:-100}
budget=${BUDGET:-2400}

load() { # key, then more of wsload's options: sets answer
    local key=$1
    shift
    describe "$key"
    answer=$(taskset -c "$load_core" timeout 120 "$work/wsload" --port "${port[$key]}" --pid "${pid[$key]}" "${subscriber[@]}" "$@") \
        || echo "! $key: $(grep -oE 'first_error.*|failed=[1-9].*|closed_after.*' <<<"$answer" | tr '\n' ' ')"
}

publish() { # key, messages, window, then more of wsload's options: sets answer
    local key=$1 messages=$2 window=$3
    shift 3
    describe "$key"
    load "$key" --conns "$subscribers" --settle 200 "${publisher[@]}" --size "$size" --messages "$messages" --window "$window" "$@"
}

messages_for() { # key, window: one to four seconds of work
    case $2:${1%@*} in
        1:*) echo "$((300 * load_percent / 100))" ;;
        *:limit | *:centrifugo) echo "$((400 * load_percent / 100))" ;;
        *) echo "$((3000 * load_percent / 100))" ;;
    esac
}

# Runtimes compile hot code again while it runs: the first loads are not what a server costs that has run for a minute.
warm_up() { # keys
    local key
    for key in "$@"; do
        if [[ $key = limit* ]]; then continue; fi
        publish "$key" "$(messages_for "$key" 64)" 64 --warm 0
        publish "$key" "$(messages_for "$key" 64)" 64 --warm 0
        publish "$key" "$(messages_for "$key" 1)" 1 --warm 0
    done
}

figure() { # name, in answer
    grep -oE "(^| )$1=-?[0-9.]+" <<<"$answer" | head -n 1 | cut -d= -f2 | grep . || fail "the load has no figure $1: $answer"
}

note() { # key, column, name of the figure in answer
    local value
    value=$(figure "$3")
    echo "$value" >>"$work/$1.$2.column"
}

note_delivery() { # key
    note "$1" cpu_us us_per_delivery
    note "$1" p50_ms p50
    note "$1" p99_ms p99
    note "$1" deliveries_per_s deliveries_per_s
    note "$1" lost lost
}

note_ratio() { # key, column, the column it is about, the key it is divided by
    local above below
    above=$(last "$1" "$3")
    below=$(last "$4" "$3")
    ratio "$above" "$below" >>"$work/$1.$2.column"
}

note_slope() { # key, connections between few_kb and many_kb
    awk -v a="$(last "$1" few_kb)" -v b="$(last "$1" many_kb)" -v n="$2" 'BEGIN { printf "%.2f\n", (b - a) / n }' >>"$work/$1.kb_each.column"
}

last() { tail -n 1 "$work/$1.$2.column"; } # key, column

overall() { # key, column: the median; of what was lost or failed, the sum
    case $2 in
        lost | failed) awk '{ sum += $1 } END { print sum }' "$work/$1.$2.column" ;;
        *) median <"$work/$1.$2.column" ;;
    esac
}

row() { # label, key, cells
    printf '%-9s%-13s' "$1" "$2"
    shift 2
    printf "%17s" "$@"
    printf '\n'
}

cells() { # last or overall, key, columns
    local value=$1 key=$2 column
    shift 2
    for column in "$@"; do "$value" "$key" "$column"; done
}

late() { ((SECONDS > budget)); }

# shellcheck disable=SC2086,SC2046 # columns are words, cells too
table() { # function that measures one key, columns, keys
    local measure=$1 columns=$2 round key
    shift 2
    rm -f "$work"/*.column
    row "" server $columns
    for round in $(seq "$rounds"); do
        if ((round > 1)) && late; then echo "no time for round $round"; break; fi
        for key in "$@"; do
            "$measure" "$key"
            row "round $round" "$key" $(cells last "$key" $columns)
        done
    done
    for key in "$@"; do row median "$key" $(cells overall "$key" $columns); done
}
