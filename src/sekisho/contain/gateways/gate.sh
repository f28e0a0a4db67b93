#!/bin/sh
# What Sekisho runs on a Linux gateway. It holds one nftables table and nothing else, takes back by itself
# what nobody confirmed in time, and after a reboot only what was confirmed comes back.
#
#   gate check            stdin: a table; whether this gateway's nft takes it
#   gate apply ID SECS SUM
#                         stdin: a table whose SHA-256 is SUM; apply it, and take it back after SECS unless
#                         `confirm ID` comes
#   gate confirm ID       keep what was applied, over reboots too
#   gate rollback ID      take back what was applied and not confirmed
#   gate status           what is held, what waits, and whether somebody else changed it
#   gate exempt           stdin: elements that stay open for a while; a reboot closes them
#   gate boot             load what was confirmed; for a unit that runs at boot
set -eu
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=${SEKISHO_GATE:-/var/lib/sekisho-gate}
empty='table inet sekisho
delete table inet sekisho'

fail() { echo "$2" >&2; exit "$1"; }

known() { # an id is a word, a number of seconds a number: nothing else gets into a file or a command
    case $1 in '' | *[!A-Za-z0-9-]*) fail 64 "no id: $1" ;; esac
}

held() { # the table as the kernel has it, without counters, and without what closes by itself
    nft -s list table inet sekisho 2>/dev/null | sed -e '/set exempt[46] {/,/^\t}/d' || :
}

digest() { sha256sum | cut -d ' ' -f 1; }

put() { # write a file whole: a power cut leaves the old one or the new one
    cat >"$dir/.part" && sync "$dir/.part" && mv "$dir/.part" "$1" && sync "$dir"
}

locked() { # one at a time; whoever waits longer than a minute gives up
    exec 9>"$dir/lock"
    flock -w 60 9 || fail 75 "another change of this gateway is running"
}

waits() { # the plan that waits for its confirmation; one from before a reboot is gone with it
    [ -e "$dir/waiting" ] || return 0
    read -r id until boot <"$dir/waiting"
    [ "$boot" != "$(cat /proc/sys/kernel/random/boot_id)" ] || echo "$id"
}

for_it() { # whether the plan that waits is this one
    [ -n "$(waits)" ] || fail 74 "nothing waits for confirmation"
    [ "$(waits)" = "$1" ] || fail 74 "what waits is $(waits)"
}

follows() { # whether any rule here makes the kernel follow sessions: their states, or translated addresses
    { nft -s list ruleset || :; iptables-legacy-save || :; ip6tables-legacy-save || :; } 2>/dev/null |
        grep -Eiq '[[:space:]]ct (state|direction|status|mark)|conntrack|masquerade|[sd]nat to|-j [SD]NAT'
}

take_back() { # what was before the change that waits
    nft -f "$dir/before.nft" &&
        put "$dir/current.nft" <"$dir/before.nft" &&
        held | digest >"$dir/held" &&
        rm -f "$dir/waiting"
}

due() { # take back what waits if it is plan $1 until $2: whoever changes this gateway meanwhile is waited for
    exec 9>"$dir/lock"
    flock 9 || return 1
    # It may have been taken back and applied again: that has a timer of its own.
    [ "$(waits)" = "$1" ] && [ "$(cut -d ' ' -f 2 "$dir/waiting")" = "$2" ] || return 0
    take_back && echo "$1" >"$dir/expired"
}

received() { # standard input into a file of this process alone: a sender that stalls holds no lock
    next=$dir/.next.$$
    trap 'rm -f "$next"' EXIT
    cat >"$next"
}

mkdir -p "$dir"
verb=${1:-}
case $verb in
check)
    nft -c -f -
    ;;
apply)
    id=$2 secs=$3 sum=${4:-}
    known "$id"
    case $secs in '' | *[!0-9]*) fail 64 "no seconds: $secs" ;; esac
    received
    # A connection that breaks ends the text early, and what came of it may be a table that cuts less.
    [ "$(digest <"$next")" = "$sum" ] || fail 65 "the text did not come whole"
    locked
    [ -z "$(waits)" ] || fail 73 "$(waits) waits for its confirmation"
    nft -c -f "$next" || fail 65 "this gateway's nft does not take it: $(nft --version)"
    if grep -q 'ct state established' "$next" && ! follows; then
        # Sessions that may run out must be known as such: one that is met first now counts as new, and ends.
        nft -f - <<END
table inet sekisho_sessions {
    chain forward { type filter hook forward priority filter; policy accept; ct state established accept; }
}
END
        fail 66 "this gateway followed no sessions until now, so none could run out: it does since; apply again when those that must go on have sent something"
    fi
    if [ -s "$dir/current.nft" ]; then put "$dir/before.nft" <"$dir/current.nft"
    else printf '%s\n' "$empty" | put "$dir/before.nft"; fi
    # Whatever somebody else made of the table is not what was before: it is told by status, and replaced.
    until=$(($(cut -d . -f 1 /proc/uptime) + secs))
    printf '%s %s %s\n' "$id" "$until" "$(cat /proc/sys/kernel/random/boot_id)" | put "$dir/waiting"
    # The timer runs before anything is cut, by the clock that no one can set, and outlives this session.
    setsid "$0" timer "$id" "$secs" "$until" </dev/null >/dev/null 2>&1 9>&- &
    if ! nft -f "$next"; then rm -f "$dir/waiting"; fail 65 "nft did not load it"; fi
    put "$dir/current.nft" <"$next"
    held | digest >"$dir/held"
    nft delete table inet sekisho_sessions 2>/dev/null || :
    echo "applied $id"
    ;;
timer)
    sleep "$3"
    until (due "$2" "$4"); do sleep 5; done
    ;;
exempt)
    # Only elements of our two sets: whatever else the text may be, it is not loaded.
    received
    locked
    grep -Evq '^(flush set inet sekisho exempt[46]|add element inet sekisho exempt[46] \{ [0-9a-f:./ s-]* timeout [0-9]+s \})$' "$next" \
        && fail 64 "that is no exemption"
    nft -f "$next"
    echo exempted
    ;;
confirm)
    known "$2"
    locked
    for_it "$2"
    put "$dir/confirmed.nft" <"$dir/current.nft"
    rm -f "$dir/waiting" "$dir/expired"
    echo "confirmed $2"
    ;;
rollback)
    known "$2"
    locked
    for_it "$2"
    take_back
    echo "rolled back $2"
    ;;
boot)
    locked
    rm -f "$dir/waiting"
    if [ -s "$dir/confirmed.nft" ]; then
        nft -f "$dir/confirmed.nft"
        put "$dir/current.nft" <"$dir/confirmed.nft"
    else
        rm -f "$dir/current.nft"
    fi
    held | digest >"$dir/held"
    ;;
status)
    echo "nft $(nft --version | cut -d ' ' -f 2)"
    echo "current $( [ -s "$dir/current.nft" ] && digest <"$dir/current.nft" || echo -)"
    echo "confirmed $( [ -s "$dir/confirmed.nft" ] && digest <"$dir/confirmed.nft" || echo -)"
    if [ -n "$(waits)" ]; then
        read -r id until boot <"$dir/waiting"
        echo "waiting $id $((until - $(cut -d . -f 1 /proc/uptime)))"
    fi
    [ ! -e "$dir/expired" ] || echo "expired $(cat "$dir/expired")"
    if [ -e "$dir/held" ]; then was=$(cat "$dir/held"); else was=$(printf '' | digest); fi
    if [ "$(held | digest)" = "$was" ]; then echo "drift no"; else echo "drift yes"; fi
    [ -e /etc/systemd/system/multi-user.target.wants/sekisho-gate.service ] && echo "boot yes" || echo "boot no"
    nft list flowtables 2>/dev/null | grep -q flowtable && echo "flowtables yes" || echo "flowtables no"
    nft list counters table inet sekisho 2>/dev/null | sed -n \
        -e 's/^[[:space:]]*counter \([a-z0-9_]*\) {.*/name \1/p' \
        -e 's/^[[:space:]]*packets \([0-9]*\) bytes \([0-9]*\).*/count \1 \2/p'
    # The latest of what was dropped, as far as the kernel's log reaches back.
    { journalctl -k -q -n 2000 --no-pager -o short-iso 2>/dev/null || dmesg 2>/dev/null || :; } |
        grep -F 'sekisho P-' | tail -n 20 | cut -c -400 | sed -e 's/^/log /' || :
    ;;
*) fail 64 "no such verb: $verb" ;;
esac
