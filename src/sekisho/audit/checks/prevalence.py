"""`prevalence`: hardly any other host talks to the same peer.

Of a beat, a held session or a strobe alone: a peer that up to three hosts and 2 % of the company's talk
to adds 10 points. That many talk to one takes nothing away from what no rule allows, since whatever
spreads does so; where nothing else is wrong such a connection is no finding at all.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class PrevalenceCheck:
    """A rare peer."""

    id = "prevalence"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where automation is strong and the peer is rare."""
        automation = subject.automation
        if automation is None or not automation.strong or not automation.prevalence.rare:
            return None
        return Factor(10, automation.prevalence.text)
