"""`treasurer policy`: hold proposals against a policy before anybody trusts it with money; one file a command.

Each command only reads its words, asks `policies`, and prints.
"""

from __future__ import annotations

import typer

from .apply import apply
from .check import check
from .diff import diff
from .explain import explain
from .lint import lint
from .plugins import plugins
from .prove import prove
from .schema import schema
from .shadow import shadow
from .sign import sign

app = typer.Typer(help="Test a policy like code.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Test a policy like code."""


app.command(epilog="Example: treasurer policy check --static --policy policy.yaml --book book.yaml < proposals.jsonl")(
    check
)
app.command(epilog="Example: treasurer policy explain --book book.yaml --file proposal.json")(explain)
app.command(epilog="Example: treasurer policy sign --keystore owner.json")(sign)
app.command(epilog="Example: treasurer --bot acme policy apply")(apply)
app.command(epilog="Example: treasurer --bot acme policy shadow")(shadow)
app.command(epilog="Example: treasurer policy plugins")(plugins)
app.command(epilog="Example: treasurer policy prove --policy policy.yaml --book book.yaml --transfer-to stranger")(
    prove
)
app.command(epilog="Example: treasurer policy lint --policy policy.yaml --book book.yaml")(lint)
app.command(epilog="Example: treasurer policy diff policy.yaml new.yaml --book book.yaml")(diff)
app.command(epilog="Example: treasurer policy schema policy > policy.schema.json")(schema)
