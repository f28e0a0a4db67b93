"""At what rate an exporter samples, as its options records and its records say."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.records import Columns

TABLE_LIMIT = 4096
"""Samplers or interfaces of one exporter whose rates are kept."""
RATE_LIMIT = 1 << 31
"""Above this it is no sampling rate."""


@dataclass(slots=True)
class Sampling:
    """Rates (one packet in N) of one exporter and domain: by sampler, by interface, and for the rest."""

    samplers: dict[int, int] = field(default_factory=dict)
    interfaces: dict[int, int] = field(default_factory=dict)
    general: int = 0
    """0 where nothing was said."""

    def learn(self, columns: Columns, count: int) -> None:
        """Take `count` options records into account; those that name no rate say nothing."""
        rates = rates_in(columns, count)
        if rates is None:
            return
        for key, table in (("sampler", self.samplers), ("input", self.interfaces)):
            if key not in columns:
                continue
            for number, rate in zip(columns[key].tolist(), rates.tolist(), strict=True):
                if rate > 0 and (number in table or len(table) < TABLE_LIMIT):
                    table[number] = rate
            return
        said = rates[rates > 0]
        if len(said):
            self.general = int(said[-1])

    def rates(self, columns: Columns, count: int) -> Ints:
        """The rate of each of `count` flow records; 0 where nothing was said.

        In this order: the record's own; its sampler's; its interface's; the exporter's. Where the
        records name no sampler and all samplers have one rate, it is the exporter's.
        """
        general = self.general or _only(self.samplers)
        result = np.full(count, general, dtype=np.int64)
        if self.interfaces and "input" in columns:
            result = _looked_up(self.interfaces, columns["input"], result)
        if self.samplers and "sampler" in columns:
            # A record whose sampler is 0 was not sampled, unless the exporter calls one 0.
            result = np.where((columns["sampler"] == 0) & (0 not in self.samplers), 1, result)
            result = _looked_up(self.samplers, columns["sampler"], result)
        own = rates_in(columns, count)
        return result if own is None else np.where(own > 0, own, result)


def rates_in(columns: Columns, count: int) -> Ints | None:
    """Rates that records state themselves, 0 where none; None where they have no such field.

    RFC 3954 (8) 34 and 50; RFC 5477 (8.2) interval and space, size and population, probability.
    """
    rates = np.zeros(count, dtype=np.int64)
    found = False
    for role in ("sampler_interval", "sampling_interval"):
        if role in columns:
            rates, found = np.where(columns[role] > 0, columns[role], rates), True
    if "sampling_taken" in columns:
        skipped = columns.get("sampling_skipped", np.zeros(count, dtype=np.int64))
        rates, found = _ratio(columns["sampling_taken"], skipped, rates), True
    if "sampling_size" in columns and "sampling_population" in columns:
        size, population = columns["sampling_size"], columns["sampling_population"]
        rates, found = _ratio(size, np.maximum(population - size, 0), rates), True
    if "sampling_probability" in columns:
        chance = columns["sampling_probability"]
        good = (chance > 1 / RATE_LIMIT) & (chance <= 1)
        inverse = np.rint(1 / np.where(good, chance, 1.0)).astype(np.int64)
        rates, found = np.where(good, inverse, rates), True
    return np.where((rates > 0) & (rates <= RATE_LIMIT), rates, 0) if found else None


def _ratio(taken: Ints, skipped: Ints, rates: Ints) -> Ints:
    """(taken + skipped) / taken, rounded; `rates` where nothing is taken."""
    safe = np.clip(taken, 1, RATE_LIMIT)
    return np.where(taken > 0, (safe + np.clip(skipped, 0, 1 << 60) + safe // 2) // safe, rates)


def _only(table: dict[int, int]) -> int:
    rates = set(table.values())
    return rates.pop() if len(rates) == 1 else 0


def _looked_up(table: dict[int, int], keys: Ints, otherwise: Ints) -> Ints:
    known = np.array(sorted(table), dtype=np.int64)
    rates = np.array([table[key] for key in known.tolist()], dtype=np.int64)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, rates[place], otherwise)
