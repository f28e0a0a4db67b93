"""How a person signs at the command line: with a key here, or elsewhere, which takes two commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.errors import RequestError

if TYPE_CHECKING:
    from sekisho.cli.session import Session

SignKey = Annotated[
    Path | None, typer.Option(help="Sign with this SSH key (ssh-keygen and your agent do it).")
]
Signature = Annotated[
    Path | None, typer.Option(help="A signature that was made elsewhere, or - for standard input.")
]
Message = Annotated[
    bool, typer.Option("--message", help="Print what is to be signed, to sign it elsewhere.")
]


def signed(
    run: Session,
    to_sign: Callable[[], bytes],
    key: Path | None,
    signature: Path | None,
    *,
    message: bool,
) -> str | None:
    """The signature over `to_sign`; None where that was only printed.

    Raises RequestError unless it was said in exactly one way how it is signed.
    """
    from sekisho.app.containing.approving import read_signature, sign

    if (key is None) + (signature is None) + (not message) != 2:
        raise RequestError("say how it is signed", "--key FILE, --signature FILE or --message")
    text = to_sign()
    if message:
        run.out().print(text.decode(), end="", markup=False, soft_wrap=True)
        return None
    return sign(key, text) if key is not None else read_signature(signature or Path("-"))
