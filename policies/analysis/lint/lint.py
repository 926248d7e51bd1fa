"""lint: all findings of a policy and its book, in the order in which they stand."""

from __future__ import annotations

from ...language.bundle import PolicyBundle
from .budgets import check_budgets
from .declarations import check_declarations
from .exposure import check_exposure
from .finding import Desk, Finding
from .names import check_names
from .reach import check_reach


def lint(
    bundle: PolicyBundle, *, policy_name: str = "policy.yaml", book_name: str = "book.yaml"
) -> tuple[Finding, ...]:
    """What is wrong or weak. A condition that this module does not know is taken as one that may hold."""
    desk = Desk(bundle, policy_name, book_name)
    for check in (check_reach, check_exposure, check_budgets, check_declarations, check_names):
        check(desk)
    return tuple(sorted(desk.findings, key=lambda item: (item.file, item.line, item.column, item.id)))
