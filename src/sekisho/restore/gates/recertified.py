"""The owners of both ends said, since the cut, that each rule of the links is needed still."""

from __future__ import annotations

from typing import Literal

from sekisho.restore.base import Answer, Subject


class RecertifiedGate:
    """Open where every rule that permits something there has the word of the owner of every site it joins."""

    name: Literal["recertified"] = "recertified"
    asks = "each rule of the links was recertified by the owners of both sites since the cut"

    def judge(self, subject: Subject) -> Answer:
        """Rule by rule and site by site; a word on what the rule permitted before it changed is void."""
        if not subject.pairs:
            return Answer("unknown", "it is not known between which places it gives back anything")
        if not subject.rules:
            return Answer("open", "no rule permits anything there: none is to be recertified")
        evidence, missing = [], 0
        for rule, content, sites in subject.rules:
            for site in sorted(sites):
                word = subject.recertified.get((rule.id, site))
                if word is None:
                    said = "nobody recertified it"
                elif word.at < subject.since:
                    said = f"{word.owner} did on {word.at:%Y-%m-%d}, before the cut"
                elif word.rule_hash != content:
                    said = f"{word.owner} did on {word.at:%Y-%m-%d}; it was changed since"
                else:
                    evidence.append(f"{rule.id} at {site}: {word.owner} on {word.at:%Y-%m-%d}")
                    continue
                missing += 1
                evidence.append(f"{rule.id} at {site}: {said}")
        if missing:
            return Answer("closed", f"{missing:,} words of owners are missing", tuple(evidence))
        count = len(subject.rules)
        return Answer("open", f"{count:,} rules were recertified at both ends", tuple(evidence))
