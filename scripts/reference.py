"""Write the reference pages that follow from the code: verbs, settings, lints, schemas.

`--check` writes nothing and ends with 1 where a page is not what the code says today.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from sekisho.app.settings.keys import keys, sink_keys
from sekisho.app.settings.sinks import SINKS
from sekisho.cli.main import app
from sekisho.contain.schema import gateways_schema
from sekisho.intel.feeds import feeds_schema
from sekisho.intel.methods.known import known
from sekisho.inventory.schema import sites_schema
from sekisho.notify.learning.veris import veris_schema
from sekisho.notify.obligation import Obligation
from sekisho.notify.reading import shipped
from sekisho.notify.schema import obligation_schema
from sekisho.policy.lints.registry import LINTS
from sekisho.policy.schema import policy_schema
from sekisho.reports.schemas import schemas, text_of
from sekisho.restore.schema import restore_schema
from sekisho.store.engines.portable_words import REFUSED
from sekisho.store.engines.registry import ENGINES
from sekisho.store.questions.registry import CANNOT, EMBEDDED, QUESTIONS

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"


def main() -> int:
    """Write or compare every page."""
    check = "--check" in sys.argv[1:]
    stale = 0
    for name, text in pages().items():
        path = REFERENCE / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            print(f"docs/reference/{name} is not what the code says: run `make docs`")
            stale = 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return stale


def pages() -> dict[str, str]:
    """Each generated file below docs/reference and its text."""
    made = {
        "cli.md": _cli(),
        "settings.md": _settings(),
        "lints.md": _lints(),
        "engines.md": _engines(),
        "editor/sites.json": text_of(sites_schema()),
        "editor/policy.json": text_of(policy_schema()),
        "editor/gateways.json": text_of(gateways_schema()),
        "editor/restore.json": text_of(restore_schema()),
        "editor/intel.json": text_of(feeds_schema()),
        "editor/obligation.json": text_of(obligation_schema()),
        "editor/veris.json": text_of(veris_schema()),
        "obligations.md": _obligations(),
        "methods.md": _methods(),
    }
    return made | {f"schemas/{name}.json": text_of(body) for name, body in schemas().items()}


def _cli() -> str:
    parts = [
        "# Verbs and options\n",
        "`sekisho VERB --help` says the same.",
        "Global options stand before the verb: `sekisho --workspace acme audit`.\n",
    ]
    for path, command in _walk(typer.main.get_command(app), "sekisho"):
        parts.append(f"{'##' if ' ' not in path else '###'} {path}\n")
        parts.append(_paragraphs(command.help or ""))
        rows = [row for param in command.params if (row := _parameter(param))]
        if rows:
            parts.append("| Option | What it does |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(below, f"{path} {name}")


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")) + "\n"


def _parameter(param: Any) -> str | None:
    if param.name in ("help", "install_completion", "show_completion"):
        return None
    names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    if param.param_type_name == "argument":
        names = f"`{(param.metavar or param.name).upper()}`"
    said = (getattr(param, "help", None) or "").replace("|", "\\|")
    choices = getattr(param.type_descriptor, "choices", None)
    if choices:
        said += " One of " + ", ".join(f"`{getattr(c, 'value', c)}`" for c in choices) + "."
    default = getattr(param.default, "value", param.default)
    if isinstance(default, (int, str)) and not isinstance(default, bool) and default != "":
        said += f" Default: `{default}`."
    return f"| {names} | {said.strip()} |"


def _settings() -> str:
    rows = [
        "# Settings\n",
        "`sekisho.toml` at the top of the workspace. Every key may be left out, and every key may be",
        "set by an environment variable instead. `sekisho config show` says which value is in force and",
        "where it came from: default, file and line, or environment.\n",
        "| Key | Kind | Default | Environment | Meaning |\n|---|---|---|---|---|",
    ]
    for key in keys():
        name = f"{key.section}.{key.name}" if key.section else key.name
        default = "not set" if key.default in (None, "", ()) else f"`{key.default}`"
        rows.append(f"| `{name}` | {key.type} | {default} | `{key.variable}` | {key.description} |")
    rows.append(
        "\n## Sinks\n\nWhere alerts are told: one table `[watch.sinks.NAME]` each, whose `kind` says which "
        "keys it has. The environment does not reach into them; secrets come from it as everywhere.\n"
    )
    for kind, model in SINKS.items():
        rows.append(f'### `kind = "{kind}"`\n\n{_first_of(model)}\n')
        rows.append("| Key | Kind | Default | Meaning |\n|---|---|---|---|")
        for key in sink_keys(kind):
            needed = SINKS[kind].model_fields[key.name].is_required()
            default = "required" if needed else "not set" if key.default is None else f"`{key.default}`"
            rows.append(f"| `{key.name}` | {key.type} | {default} | {key.description} |")
        rows.append("")
    rows.append(
        '\nA secret never stands in the file itself: write `{env = "NAME"}` or `{file = "PATH"}` (a '
        "file that only its owner may read). It is masked wherever settings are shown.\n"
    )
    return "\n".join(rows)


def _lints() -> str:
    rows = [
        "# Lints of the register\n",
        "`sekisho policy lint` reports what cannot be read as errors (status 2), and these as warnings.\n",
        "| Lint | What it finds |\n|---|---|",
    ]
    rows += [f"| `lint/{lint.id}` | {_first(lint)} |" for lint in LINTS]
    return "\n".join(rows) + "\n"


def _engines() -> str:
    rows = [
        "# Engines and questions\n",
        "`engine.kind` in `sekisho.toml` names the engine that judges and looks back: `duckdb`, which is",
        "embedded and the default, `spark` or `clickhouse`. `sekisho doctor` says whether it answers. Taking",
        "logs in, rolling up and raw records stay with the embedded engine.\n",
        "One suite puts every question to every engine and compares the answers row by row.\n",
        f"| Question | What it says | {' | '.join(ENGINES)} |\n|---|---|{'---|' * len(ENGINES)}",
    ]
    for name, says in QUESTIONS.items():
        able = [f"no: {CANNOT[e, name]}" if (e, name) in CANNOT else "yes" for e in ENGINES]
        rows.append(f"| `{name}` | {says} | {' | '.join(able)} |")
    rows.append("\n## Embedded engine only\n")
    rows.append("| What | Why |\n|---|---|")
    rows += [f"| {what} | {why} |" for what, why in EMBEDDED.items()]
    rows.append("\n## Words that no question uses\n")
    rows.append("Each compiles everywhere and does not mean the same everywhere.\n")
    rows.append("| Ibis operation | Why not |\n|---|---|")
    rows += [f"| `{word}` | {why} |" for word, why in REFUSED.items()]
    return "\n".join(rows) + "\n"


def _obligations() -> str:
    rows = [
        "# Laws and their clocks\n",
        "What `sekisho notify` knows of duties to notify. **This is no legal advice.** `confirmed` stands",
        "only where the words of the law were read, in its text or as quoted (the sources say which);",
        "`secondary` follows somebody's account of it, and the sources say whose. Where a text leaves a",
        "count open the earliest reading is taken. Put your own file of the same name into",
        "`obligations/` of the workspace to say it better.\n",
        "| Obligation | Law | Stage | Due | Counted from | Text |\n|---|---|---|---|---|---|",
    ]
    for one in shipped():
        for stage in one.document().stages:
            rows.append(
                f"| `{one.id}` | {one.shape.title} | {stage.stage} | {stage.due} | `{stage.anchor}` |"
                f" {stage.confidence}{'' if one.shape.enabled else ', disabled'} |"
            )
    rows += [part for one in shipped() for part in _law(one)]
    return "\n".join(rows) + "\n"


def _law(one: Obligation) -> list[str]:
    shape = one.shape
    rows = [f"\n## {one.id}\n", f"{shape.title}. {shape.citation}. As of {shape.as_of}.\n"]
    rows += [f"- Concerns the incident where `{shape.applies}`; notified where `{shape.trigger}`."]
    rows += [f"- Not where `{case.when}`: {case.why}." for case in shape.exceptions]
    rows += [f"- {note}" for note in shape.notes]
    rows += [f"- {source.text}: <{source.url}> {source.says}" for source in shape.sources]
    return rows


def _methods() -> str:
    lists = known()
    tactics = ", ".join(one.replace("-", " ") for one in lists.tactics)
    rows = [
        "# Sources and looks\n",
        f"What `sekisho intel techniques` and `gaps` join with ATT&CK, as of {lists.as_of}. In scope are all",
        f"techniques of {tactics}, and with their parts {', '.join(sorted(lists.techniques))}.\n",
        "## What could show a technique\n",
        "A source counts where one of ATT&CK's data components is what it records, or where our own list",
        "says that it shows the technique.\n",
        "| Source | What it is | Components | Sigma's log sources |\n|---|---|---|---|",
    ]
    for one in lists.sources.values():
        parts = "; ".join(dict.fromkeys(part.name for part in one.components)) or "our own list"
        logs = ", ".join(f"`{name}`" for name in one.logsources)
        rows.append(f"| `{one.id}` | {one.title} | {parts} | {logs} |")
    rows.append("\n| Source | Also shows | Because |\n|---|---|---|")
    rows += [f"| `{s.source}` | {', '.join(sorted(s.techniques))} | {s.why} |" for s in lists.shows]
    rows.append("\n## What looks for techniques\n")
    rows.append("It counts at a site where one of the sources that it reads is on record there.\n")
    rows.append("| Look | Of | Reads one of | Techniques | Because |\n|---|---|---|---|---|")
    for look in lists.looks:
        reads = ", ".join(f"`{name}`" for name in look.needs)
        techniques = ", ".join(sorted(look.techniques))
        rows.append(f"| `{look.id}` | {look.where} | {reads} | {techniques} | {look.why} |")
    return "\n".join(rows) + "\n"


def _first(thing: object) -> str:
    return _first_of(type(thing))


def _first_of(kind: type) -> str:
    text = (kind.__doc__ or "").strip().split("\n\n", maxsplit=1)[0]
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
