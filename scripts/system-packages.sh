#!/bin/sh
# Debian packages that some tests and benchmarks use. Where they may not be installed, the tests that need
# them are left out, and pytest's summary says which and why.
set -eu
need=""
PATH=$PATH:/usr/sbin:/sbin
for pair in nfdump:nfdump softflowd:softflowd ip:iproute2 nft:nftables sshd:openssh-server java:default-jre-headless; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || need="$need ${pair##*:}"
done
# PDF drafts: Pango lays the text out, and the headings are in many scripts.
[ -e /usr/share/doc/libpangoft2-1.0-0 ] || need="$need libpangoft2-1.0-0"
[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || need="$need fonts-noto-cjk"
[ -e /usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf ] || need="$need fonts-noto-core"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need="$need postgresql"
[ -n "$need" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "left out: the tests that need$need (no apt-get on this system)"
elif [ "$(id -u)" = 0 ]; then
    apt-get -qq update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $need >/dev/null
elif sudo -n true 2>/dev/null; then
    sudo -n apt-get -qq update >/dev/null && sudo -n apt-get -qq install -y $need >/dev/null
else
    echo "left out: the tests that need$need (may not install here; sudo apt-get install$need)"
fi
