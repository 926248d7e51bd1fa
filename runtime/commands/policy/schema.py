"""`treasurer policy schema`: the JSON Schema of policy.yaml or book.yaml, for editors."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ..terminal import AsJson


def schema(
    document: Annotated[str, typer.Argument(metavar="policy|book", help="Which of the two files.")] = "policy",
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema of policy.yaml or book.yaml, for an editor that completes and checks while you write."""
    from ....policies.analysis.schema import schema as schema_of

    typer.echo(json.dumps(schema_of(document), indent=None if as_json else 2, ensure_ascii=False))
