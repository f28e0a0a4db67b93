"""The declared columns of a question's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from sekisho.store.engines.portable import portable

if TYPE_CHECKING:
    import ibis.expr.types as ir


def shaped(rows: ir.Table, schema: pa.Schema) -> ir.Table:
    """The schema's columns, in its order and types. Raises IbisTypeError where one is missing."""
    import ibis

    kinds = ibis.Schema.from_pyarrow(portable(schema))
    return rows.select(**{name: rows[name].cast(kind) for name, kind in kinds.items()})
