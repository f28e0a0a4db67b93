"""How the ledger stands that an incident's actions are in."""

from __future__ import annotations

from sekisho.ledger.checkpoints import kept
from sekisho.ledger.ledger import Ledger
from sekisho.model.incidents import Custody


def custody(ledger: Ledger, incident: str) -> Custody:
    """Of the ledger as it is now. Nothing is verified: `sekisho ledger verify` does.

    Raises IntegrityError where the ledger or a kept head cannot be read.
    """
    head = ledger.head()
    return Custody(
        entries=head.seq,
        head=head.hash,
        root=head.root.hex() if head.edge is not None and head.seq else None,
        own=sum(entry.body.get("incident") == incident for entry in ledger.entries()),
        signed=max((one.size for one in kept(ledger.folder)), default=None),
    )
