"""`treasurer policy lint`: what is wrong or weak in a policy and its book."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..terminal import AsJson, emit, say


def lint(
    policy: Annotated[Path, typer.Option(metavar="FILE", help="The policy.yaml to read.")],
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="Its book.yaml.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong or weak, where it stands, and what to do; exit 1 where something is an error."""
    from ....policies.analysis.lint.lint import lint as findings_of
    from ....policies.language.bundle import PolicyBundle

    bundle = PolicyBundle.read(policy, book)
    findings = findings_of(bundle, policy_name=str(policy), book_name=str(book or "book.yaml"))
    for finding in findings:
        if as_json:
            emit(finding.to_json())
        else:
            say(f"{finding}\n    why: {finding.why}\n    do:  {finding.fix}")
    errors = sum(finding.severity == "error" for finding in findings)
    if not as_json:
        say(f"{len(findings)} findings, {errors} of them errors" if findings else "nothing found")
    if errors:
        raise typer.Exit(1)
