from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_lint_locates_everything_at_once(company: Path, sekisho: Callable[..., Any]) -> None:
    (company / "policy.yaml").write_text(
        "connections:\n"
        "  - id: A\n"
        '    allow: "th-plant/* => jp-hq/* : tcp/445"\n'
        "  - id: B\n"
        '    allow: "th-plnt/* -> jp-hq/* : tcp/445"\n'
        "    expires: 2020-13-01\n"
    )
    ran = sekisho("--workspace", company, "policy", "lint")
    assert ran.status == 2
    text = ran.out + ran.err
    assert "policy.yaml:3:" in text
    assert "policy.yaml:5:" in text
    assert "policy.yaml:6:" in text
    assert "th-plant" in text, "what to write instead"


def test_tabs_and_anchors(company: Path, sekisho: Callable[..., Any]) -> None:
    (company / "policy.yaml").write_text("connections:\n\t- id: A\n")
    ran = sekisho("--workspace", company, "policy", "lint")
    assert ran.status == 2
    assert "policy.yaml:2:1" in ran.out + ran.err
    (company / "policy.yaml").write_text(
        "connections:\n"
        "  - &base {id: A, allow: 'th-plant/* -> jp-hq/* : tcp/1', owner: o, ticket: t, why: w}\n"
        "  - {<<: *base, id: B}\n"
    )
    ran = sekisho("--workspace", company, "policy", "lint")
    assert ran.status in (0, 2)
    assert "internal error" not in ran.err


def test_claims(company: Path, sekisho: Callable[..., Any]) -> None:
    assert sekisho("--workspace", company, "policy", "test").status == 0
    text = (company / "policy.yaml").read_text()
    (company / "policy.yaml").write_text(text + '  - deny: "th-plant/edi -> jp-hq/* : tcp/8443"\n')
    ran = sekisho("--workspace", company, "policy", "test")
    assert ran.status == 2
    assert "FAILS" in ran.out
    assert "TH-HQ-EDI" in ran.out


def test_explain_at_a_time(company: Path, sekisho: Callable[..., Any]) -> None:
    asked = ("--workspace", company, "policy", "explain", "10.40.3.3", "10.1.30.3", "tcp/1433")
    then = json.loads(sekisho(*asked, "--at", "2020-06-01", "-f", "json").out)
    now = json.loads(sekisho(*asked, "--at", "2020-06-04", "-f", "json").out)
    assert [t["verdict"] for t in then["traces"]] == ["authorized"]
    assert [t["verdict"] for t in now["traces"]] == ["lapsed"]


def test_diff_speaks_of_connections(company: Path, sekisho: Callable[..., Any], tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = (company / "policy.yaml").read_text()
    new.write_text(text.replace("expires: 2020-06-02", "expires: 2021-06-02"))
    ran = sekisho("--workspace", company, "policy", "diff", "policy.yaml", new, "-f", "json")
    assert ran.status == 0
    document = json.loads(ran.out)
    assert document["schema"] == "sekisho.policy-diff/1"
    assert "10.1.30.3" in ran.out
    new.write_text("# a remark\n" + text)
    same = json.loads(
        sekisho("--workspace", company, "policy", "diff", "policy.yaml", new, "-f", "json").out
    )
    assert "10.1.30.3" not in json.dumps(same)


def test_a_suggestion_authorises_nothing(company: Path, sekisho: Callable[..., Any]) -> None:
    before = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)
    ran = sekisho("--workspace", company, "policy", "suggest", "--exclude", "2020-06-04..2020-06-04")
    assert ran.status == 0
    written = list((company / "policy").glob("*.yaml"))
    assert len(written) == 1
    text = written[0].read_text()
    assert "proposed" in text
    after = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)
    assert [f["verdict"] for f in after["findings"]] == [f["verdict"] for f in before["findings"]]


def test_import_of_a_sheet(company: Path, sekisho: Callable[..., Any], tmp_path: Path) -> None:
    sheet = tmp_path / "rules.csv"
    sheet.write_text("source,destination,service,owner\n10.40.3.3,10.1.30.3,tcp/1433,stock\n")
    ran = sekisho(
        "--workspace", company, "policy", "import", sheet, "--out", company / "policy" / "in.yaml"
    )
    assert "in.yaml" in "".join((ran.out + ran.err).split()), "a long path may be broken over lines"
    assert "proposed" in (company / "policy" / "in.yaml").read_text()
    sheet.write_text("source,destination,service,owner\n10.40.3.3,10.1.30.3,tcp/1433,stock\nx,y,z,\n")
    ran = sekisho("--workspace", company, "policy", "import", sheet)
    assert ran.status == 2
    told = "".join(ran.err.split())
    assert "rules.csv:3:1" in told
    assert "`z`" in told, "all errors at once"


def test_a_rule_written_later_excuses_nothing_alone(
    company: Path, sekisho: Callable[..., Any], monkeypatch: Any
) -> None:
    def verdict() -> str | None:
        document = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)
        return next(
            (f["verdict"] for f in document["findings"] if f["dst"]["address"] == "10.1.10.96"), None
        )

    assert verdict() == "unauthorized"
    text = (company / "policy.yaml").read_text()
    rule = (
        "  - {id: LATE, allow: 'th-plant/* -> jp-hq/files : tcp/445', owner: o, ticket: t, why: w,"
        " from: 2019-01-01}\n"
    )
    (company / "policy.yaml").write_text(text.replace("tests:\n", rule + "tests:\n").split("tests:")[0])
    assert verdict() is not None
    accept = ("--workspace", company, "policy", "accept-retroactive", "LATE", "--why", "CHG-9")
    assert sekisho(*accept).status == 4, "not by the one who used it first"
    monkeypatch.setenv("SEKISHO_USER", "chief")
    assert sekisho(*accept).status == 0
    assert verdict() is None
    versions = json.loads(sekisho("--workspace", company, "policy", "versions", "-f", "json").out)
    assert json.dumps(versions).count("policy") >= 2


def test_the_register_as_what_a_gateway_enforces(
    raw_company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    (raw_company / "gateways.yaml").write_text(
        'gateways: {th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}}\n'
    )
    out = tmp_path / "out"
    words = ("policy", "render", "--gateway", "th-gw", "--out", out)
    ran = sekisho("--workspace", raw_company, *words)
    assert ran.status == 0
    assert ran.out.splitlines() == [str(out / "th-gw.sekisho-policy.nft")]
    assert "render it again" in ran.err
    assert sekisho("--workspace", raw_company, *words, "--platform", "juniper").status == 0
    assert "filter sekisho-policy-4" in (out / "th-gw.sekisho-policy.jcl").read_text()
    assert sekisho("--workspace", raw_company, *words, "--platform", "nonsense").status == 2
