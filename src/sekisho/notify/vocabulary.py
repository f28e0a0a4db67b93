"""The facts that obligations ask for: their names, what kind of value each has, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from sekisho.errors import RequestError
from sekisho.inventory.countries import COUNTRIES
from sekisho.inventory.located import did_you_mean
from sekisho.model.findings import rfc3339
from sekisho.model.validity import in_utc

Kind: TypeAlias = Literal["time", "count", "yesno", "word", "words"]
Value: TypeAlias = bool | int | str | frozenset[str] | datetime
MOST = 10**15
MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class FactKind:
    """What kind of value a fact has; `choices` where only some words are meant."""

    kind: Kind
    says: str
    choices: tuple[str, ...] = ()


DATA = (
    "sensitive",
    "health",
    "financial",
    "identity",
    "credentials",
    "contact",
    "trade",
    "defense",
)
"""The kinds of data that the laws here ask for; obligations of one's own may ask for others."""


def _times() -> dict[str, FactKind]:
    said = {
        "occurred": "when it happened, or began",
        "suspected": "when there were first reasonable grounds to suspect it",
        "aware": "when the company knew, or reasonably believed, that it had happened",
        "discovered": "when the breach was discovered, as the law that asks counts discovery",
        "determined_breach": "when it was determined that a breach occurred",
        "determined_notifiable": "when it was determined that the breach must be notified",
        "material": "when the incident was determined to be material to investors",
        "ransom_paid_at": "when a ransom was paid",
        "resolved": "when the handling of the incident ended",
    }
    return {name: FactKind("time", text) for name, text in said.items()}


def _yesno() -> dict[str, FactKind]:
    said = {
        "personal_data": "personal data was touched, or may have been",
        "acquired": "somebody without a right to it is reasonably believed to have got or seen the data",
        "encrypted": "the data was protected so that nobody can use it, and the key is safe",
        "improper_purpose": "it was done, or may have been, with an improper purpose (an intrusion, a theft)",
        "financial_harm": "misuse of the data may cause loss of property",
        "significant_harm": "significant harm to somebody is likely",
        "serious_harm": "serious harm to somebody is likely",
        "significant_incident": "severe disruption, loss or damage was caused or can be",
        "internal_only": "the data was touched only within the organisation",
        "critical_infrastructure": "critical information infrastructure is concerned",
        "nis2_entity": "the company is an essential or important entity",
        "sec_registrant": "the company reports to the United States SEC",
        "dod_contractor": "a contract with DFARS 252.204-7012 concerns the company",
        "defense_information": "covered defence information, its systems or support for it was affected",
        "hipaa_entity": "the company is a covered entity under HIPAA",
        "circia_entity": "the company is a covered entity under CIRCIA",
        "certin_incident": "it is of a kind that Annexure I of the CERT-In directions lists",
    }
    return {name: FactKind("yesno", text) for name, text in said.items()}


FACTS: Mapping[str, FactKind] = MappingProxyType(
    _times()
    | _yesno()
    | {
        "people": FactKind("count", "how many people the data is about"),
        "bytes_out": FactKind("count", "bytes that left, at least"),
        "countries": FactKind("words", "countries whose sites, people or services it concerns: JP, TH"),
        "data": FactKind(
            "words",
            f"kinds of data: {', '.join(DATA)}",
        ),
        "risk": FactKind("word", "risk to people", ("unlikely", "likely", "high")),
        "cn_severity": FactKind(
            "word",
            "grade by the Chinese guide to incidents",
            ("general", "relatively_major", "major", "especially_major"),
        ),
    }
)
FAMILIES: Mapping[str, FactKind] = MappingProxyType(
    {
        "people": FactKind("count", "how many people of a country, or state: people.JP, people.US-CA"),
        "own": FactKind("yesno", "whatever your own obligations ask for: own.insured"),
        "when": FactKind("time", "times that your own obligations count from: when.insurer_form"),
    }
)
EVERYWHERE = frozenset({"people", "bytes_out", "countries"})
"""Facts of the whole incident, which no place has for itself; people of a place are counted beside."""
_OWN = re.compile(r"[a-z0-9_]{1,40}")
_PLACE = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?")

_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU = frozenset(_EU.split())
SETS: Mapping[str, frozenset[str]] = MappingProxyType({"EU": EU, "EEA": EU | {"IS", "LI", "NO"}})
"""Sets of countries that expressions may name."""


def kind_of(name: str) -> FactKind | None:
    """What a fact is, None for a name that means nothing."""
    known = FACTS.get(name)
    if known is not None:
        return known
    family, dot, rest = name.partition(".")
    if not dot:
        return None
    if family == "people":
        return FAMILIES[family] if _is_place(rest) else None
    if family in FAMILIES:
        return FAMILIES[family] if _OWN.fullmatch(rest) else None
    return FACTS.get(family) if family not in EVERYWHERE and _is_place(rest) else None


def _is_place(text: str) -> bool:
    place = _PLACE.fullmatch(text)
    return text == "EU" or (place is not None and place[1] in COUNTRIES)


def said_of(values: Mapping[str, Value], place: str) -> dict[str, Value]:
    """What is known where a law of `place` asks: what was recorded of that place alone (`aware.PH`) stands
    for what was recorded of the whole incident (`aware`)."""
    mark = f".{place}"
    own = {
        name.removesuffix(mark): value
        for name, value in values.items()
        if name.endswith(mark) and name.removesuffix(mark) in FACTS
    }
    return {**values, **{name: value for name, value in own.items() if name not in EVERYWHERE}}


def nearest(name: str) -> str:
    """How to mend a name that means nothing."""
    family = name.partition(".")[0]
    if (family in FAMILIES or family in FACTS) and family != name:
        return "write it like aware.PH, people.JP, people.US-CA, own.insured or when.insurer_form"
    families = {"people.JP", "own.NAME", "when.NAME"}
    return did_you_mean(name, {*FACTS, *families}, "`sekisho notify facts --names` lists them")


def read_value(name: str, text: str) -> Value:
    """The value of a fact from what a person wrote. Raises RequestError for a name or text that is none."""
    known = kind_of(name)
    if known is None:
        raise RequestError(f"`{name[:60]}` is no fact that any obligation asks for", nearest(name))
    text = text.strip()
    match known.kind:
        case "time":
            return _time(name, text)
        case "count":
            digits = text.replace(",", "").replace("_", "")
            if not re.fullmatch(r"[0-9]{1,16}", digits) or int(digits) > MOST:
                raise RequestError(
                    f"{name} is a number, and `{text[:40]}` is none", f"write {name}=1200"
                )
            return int(digits)
        case "yesno":
            if text.casefold() not in ("yes", "no", "true", "false"):
                raise RequestError(f"{name} is yes or no, not `{text[:40]}`", f"write {name}=yes")
            return text.casefold() in ("yes", "true")
        case "word":
            if text not in known.choices:
                raise RequestError(
                    f"{name} cannot be `{text[:40]}`", f"write one of: {', '.join(known.choices)}"
                )
            return text
        case _:
            return _words(name, text)


def _time(name: str, text: str) -> datetime:
    try:
        if len(text) <= len("2020-06-11"):
            raise ValueError
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise RequestError(
            f"{name} is a time, and `{text[:40]}` is none",
            f"write {name}=2020-06-11T09:30+09:00; a clock needs the hour, UTC without a zone",
        ) from None


def _words(name: str, text: str) -> frozenset[str]:
    words = frozenset(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        if name == "countries" and word not in COUNTRIES:
            raise RequestError(
                f"`{word[:40]}` is no country", "write two letters of ISO 3166: JP,TH,US"
            )
        if not re.fullmatch(r"[A-Za-z0-9_ -]{1,60}", word):
            raise RequestError(f"`{word[:40]}` is no word for {name}", "use letters, digits and `_`")
    if len(words) > MAX_WORDS:
        raise RequestError(f"{name} has more than {MAX_WORDS} words", "keep what matters")
    return words


def in_words(value: Value) -> str:
    """A value in a sentence: as it is written, and a time as `2020-06-11 09:00 UTC`, with its seconds where
    it has any."""
    if isinstance(value, datetime):
        seconds = ":%S" if value.second or value.microsecond else ""
        return f"{in_utc(value):%Y-%m-%d %H:%M{seconds} UTC}"
    return written(value)


def written(value: Value) -> str:
    """A value as `read_value` reads it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return rfc3339(value)
        case frozenset():
            return ",".join(sorted(value))
        case _:
            return str(value)
