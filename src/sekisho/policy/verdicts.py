"""Which verdict where the rules do not decide. None means: the rules decide.

In this order. Multicast, broadcast, link-local and unspecified addresses belong to their sender's
site: with an end in a site, or with another such address, `intra_site`; with anything else,
`unmapped`. An end in no site and in no zone that is not globally routable: `unmapped`. Both ends
outside: `unmapped`. One end outside (globally routable, or in a zone even where its prefix is private):
`external`, unless that site's `external` is `audit`. Both ends in one site: `intra_site`, unless the
policy audits inside that site.
"""

from __future__ import annotations

from sekisho.inventory.register import Inventory
from sekisho.model.verdicts import Rank
from sekisho.policy.classes import AddressClass


def unjudged(
    src: AddressClass, dst: AddressClass, inventory: Inventory, intra_site: frozenset[str]
) -> Rank | None:
    """The verdict of a pair of classes that the rules do not decide, else None."""
    if "local" in (src.scope, dst.scope):
        others = [end for end in (src, dst) if end.scope != "local"]
        return Rank.INTRA_SITE if all(end.site for end in others) else Rank.UNMAPPED
    if "private" in (src.scope, dst.scope) or (src.outside and dst.outside):
        return Rank.UNMAPPED
    if src.outside or dst.outside:
        site = dst.site if src.outside else src.site
        audited = site is not None and inventory.sites[site].external == "audit"
        return None if audited else Rank.EXTERNAL
    if src.site == dst.site:
        return None if src.site in intra_site else Rank.INTRA_SITE
    return None
