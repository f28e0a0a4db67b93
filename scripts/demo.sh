#!/bin/sh
# The main job, end to end, on logs of a made-up company: who talked to whom without a permit, since when.
set -eu
sekisho=$1
place=$2
company=$place/company
rm -rf "$place"
mkdir -p "$place"

say() { printf '\n\033[1m$ sekisho %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
run() { say "$@"; "$sekisho" "$@"; }

echo "A multinational of the reference incident is written as the logs its sensors write (some are missing)."
run simulate kawasaki --out "$company" --seed 2020 --scale small
run --workspace "$company" ingest "$company/logs"
run --workspace "$company" policy lint
run --workspace "$company" audit --limit 6
run --workspace "$company" audit --format html --output "$place/report.html"
worst=$("$sekisho" -q --workspace "$company" finding list --format csv | grep -o 'F-[0-9a-f]*' | head -n 1)
run --workspace "$company" explain "$worst"
run --workspace "$company" coverage
run --workspace "$company" investigate open --finding "$worst"
run --workspace "$company" investigate show INC-1
run --workspace "$company" investigate show INC-1 --format html --output "$place/incident.html"
run --workspace "$company" contain plan --sever 'link:th-plant <-> jp-hq' --keep-tier essential --incident INC-1 \
    --reason "the server in Rayong, found by the audit"
run --workspace "$company" contain preview P-1
run --workspace "$company" fleet import "$company/assets.csv"
run --workspace "$company" fleet campaign new first --pack foreign-server --incident INC-1 --why "found by the audit"
run --workspace "$company" fleet status
run --workspace "$company" notify facts INC-1 --source "the audit" --set aware=2020-06-11T09:00:00+09:00 \
    --set countries=JP,TH,PH,ID,US --set personal_data=yes
run --workspace "$company" notify clocks INC-1
run --workspace "$company" notify draft INC-1 jp-appi preliminary --out "$place/notice.docx"
run --workspace "$company" ledger verify
echo
echo "The report, for a manager to read and an analyst to sort and filter: $place/report.html"
echo "The incident, with its map, to print and to hand over: $place/incident.html"
echo "A notice to the regulator, as far as facts are known: $place/notice.docx"
