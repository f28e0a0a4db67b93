"""The files that a person would have written: settings, sites, assets, policy, gateways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sekisho.simulate.company import Company
from sekisho.simulate.register import Permit
from sekisho.simulate.sensors import Probe

POLICY_TESTS = (
    ("deny", "th-plant/* -> jp-hq/* : tcp/445"),
    ("deny", "th-plant/* -> jp-kobe/* : tcp/3389"),
    ("allow", "th-plant/edi -> jp-hq/edi : tcp/8443"),
    ("allow", "* -> jp-dc/dns : udp/53"),
    ("deny", "us-aero/* -> jp-hq/files : any"),
)


def write_workspace(
    out: Path, name: str, company: Company, permits: Sequence[Permit], probes: Sequence[Probe]
) -> int:
    """Write them all; gives the number of assets."""
    out.mkdir(parents=True, exist_ok=True)
    _write(
        out / "sekisho.toml",
        f"# A made-up company; `sekisho simulate` wrote it.\nname = {json.dumps(name)}\n",
    )
    _write(out / "sites.yaml", sites_text(company, probes))
    _write(out / "policy.yaml", policy_text(permits))
    _write(out / "gateways.yaml", gateways_text(company))
    rows = assets_rows(company)
    header = "address,hostname,site,groups,owner,criticality"
    _write(out / "assets.csv", "\n".join([header, *rows, ""]))
    return len(rows)


def sites_text(company: Company, probes: Sequence[Probe]) -> str:
    """sites.yaml: sites, groups, zones and sensors."""
    lines = ["# Sites of the company, their groups, outside parties and sensors.", "sites:"]
    for place in company.places:
        prefixes = [f"{place.v4}.0.0/16", *([f"{place.v6}::/48"] if place.v6 else [])]
        realm = f", realm: {place.realm}" if place.realm else ""
        lines.append(
            f"  {place.name}: {{name: {_text(place.title)}, country: {_country(place.country)}, "
            f"timezone: {place.timezone}, owner: {place.owner}, prefixes: {_list(prefixes)}{realm}}}"
        )
    lines.append("groups:")
    lines += [f"  {label}: {_list(texts)}" for label, texts in sorted(company.groups.items())]
    lines += [
        "zones:",
        '  parts-partner: ["33.250.7.0/24"]',
        "realms:",
        "  aero: Address space of the aerospace subsidiary",
        "sensors:",
    ]
    for probe in probes:
        more = f", realm: {probe.realm}" if probe.realm else ""
        more += f", timezone: {probe.timezone}" if probe.timezone != "UTC" else ""
        more += f", address: {probe.address}" if probe.kind == "netflow" else ""
        lines.append(
            f"  {probe.name}: {{site: {company.places[probe.site].name}, kind: {probe.kind}, "
            f"sees: [{', '.join(probe.sees)}]{more}}}"
        )
    return "\n".join([*lines, ""])


def gateways_text(company: Company) -> str:
    """gateways.yaml: each site's border, which carries all that it exchanges with others."""
    lines = ["# What stands at the border of each site.", "gateways:"]
    for place in company.places:
        address = f"{place.v4}.0.1"
        # One station: where a whole site may manage it, none of that site's hosts can be severed.
        manager = _named(place.realm, f"{place.v4}.0.10")
        realm = f", realm: {place.realm}" if place.realm else ""
        lines += [
            f"  {place.name}-gw: {{platform: nftables, address: {address}{realm},",
            f'    links: ["{place.name} <-> *", "{place.name} <-> internet"],',
            f'    management: "{manager} -> {_named(place.realm, address)} : tcp/22"}}',
        ]
    return "\n".join([*lines, ""])


def _named(realm: str, address: str) -> str:
    return f"{realm}:{address}" if realm else address


def policy_text(permits: Sequence[Permit], tests: Sequence[tuple[str, str]] = POLICY_TESTS) -> str:
    """policy.yaml: the register of authorised connections, and what must hold of it."""
    lines = ["# The register of authorised connections between sites.", "connections:"]
    for permit in permits:
        lines += [
            f"  - id: {permit.id}",
            f"    allow: {_text(permit.allow)}",
            f"    owner: {permit.owner}",
            f"    ticket: {permit.ticket}",
            f"    why: {_text(permit.why)}",
        ]
        approvals = permit.approved_by or tuple((site, "it-lead") for site in _sites(permit))
        if approvals:
            lines.append(f"    approved_by: {{{', '.join(f'{a}: {b}' for a, b in approvals)}}}")
        if permit.begin:
            lines.append(f"    from: {permit.begin}")
        if permit.expires:
            lines.append(f"    expires: {permit.expires}")
        if permit.tier != "normal":
            lines.append(f"    tier: {permit.tier}")
    lines.append("tests:" if tests else "tests: []")
    lines += [f"  - {expect}: {_text(claim)}" for expect, claim in tests]
    return "\n".join([*lines, ""])


def assets_rows(company: Company) -> list[str]:
    """Rows of assets.csv, without the header."""
    rows = []
    for host in company.hosts:
        if host.listed and host.site >= 0:
            place = company.places[host.site]
            rows.append(f"{host.address},{host.name},{place.name},,{place.owner},{host.criticality}")
    return rows


def _sites(permit: Permit) -> list[str]:
    names = [text.partition("/")[0] for text in (*permit.sources, *permit.destinations) if "/" in text]
    return list(dict.fromkeys(names))


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{text}"' if ":" in text else text for text in texts) + "]"


def _country(code: str) -> str:
    return f'"{code}"' if code in ("NO",) else code


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
