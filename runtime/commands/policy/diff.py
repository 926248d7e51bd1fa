"""`treasurer policy diff`: what becomes possible from one policy to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..terminal import AsJson, emit, say


def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The policy.yaml as it was.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The policy.yaml as it would be.")],
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="The book.yaml of both, or of BEFORE.")] = None,
    book_after: Annotated[Path | None, typer.Option(metavar="FILE", help="The book.yaml of AFTER.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what becomes possible, and what no longer is, each with an example that the engine judged under both."""
    from ....policies.analysis.diff.diff import diff as changes_of
    from ....policies.language.bundle import PolicyBundle

    changes = changes_of(PolicyBundle.read(before, book), PolicyBundle.read(after, book_after or book))
    for change in changes:
        if as_json:
            emit(change.to_json())
            continue
        say(f"{change.weight}: {change.what}")
        if change.sample is not None:
            sample = change.sample
            say(f"    {sample.effects}: {sample.before.decision} before, {sample.after.decision} after")
    if not changes and not as_json:
        say("nothing changes")
