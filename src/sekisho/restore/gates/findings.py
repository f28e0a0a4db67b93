"""Every finding of the links was closed, or accepted by name."""

from __future__ import annotations

from typing import Literal

from sekisho.restore.base import Answer, Subject

SHOWN = 50


class FindingsGate:
    """Open where none of their findings is open. Without any evidence that is not known."""

    name: Literal["findings"] = "findings"
    asks = "every finding of the links was closed, or accepted by name"

    def judge(self, subject: Subject) -> Answer:
        """The lives of the findings, the open ones named."""
        if subject.findings is None or subject.coverage is None:
            return Answer("unknown", "nothing was ever recorded: that there is no finding is no answer")
        if not subject.pairs:
            return Answer("unknown", "it is not known between which places it gives back anything")
        found = subject.findings
        waiting = [one for one in found if one.life.status == "open"]
        evidence = [
            f"{one.id} {one.severity} {one.verdict}: {one.src.address} -> {one.dst.address} {one.service}"
            for one in waiting[:SHOWN]
        ]
        if len(waiting) > SHOWN:
            evidence.append(f"and {len(waiting) - SHOWN:,} more")
        evidence += [
            f"{one.id} {one.life.status} by {one.life.who}: {one.life.why}"
            for one in found
            if one.life.status != "open"
        ][:SHOWN]
        if waiting:
            return Answer(
                "closed", f"{len(waiting):,} of {len(found):,} findings are open", tuple(evidence)
            )
        if not found:
            return Answer("open", "no finding was ever made of these links", tuple(evidence))
        return Answer("open", f"all {len(found):,} findings were closed or accepted", tuple(evidence))
