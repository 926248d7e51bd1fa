"""Everything that goes wrong with a tool, by name. Each message says what to do next.

ToolError
├── InvalidTool      a tool that cannot be offered: an argument without a slot, no docstring, a second tool of that name
├── UnknownHandle    a payee, asset or venue that the book does not name
├── InvalidArgument  a text that is not what its slot takes (also a ValueError)
└── Unresolvable     an amount that only the chain can give, and the chain gave nothing to take a share of
"""

from __future__ import annotations

from ..wallets.errors import TreasurerError


class ToolError(TreasurerError):
    """Root of the errors of tools."""

    exit_status = 2


class InvalidTool(ToolError):
    """A function that cannot be offered as a tool."""


class UnknownHandle(ToolError):
    """A label that the book does not hold."""


class InvalidArgument(ToolError, ValueError):
    """A text that does not fit its slot."""


class Unresolvable(ToolError):
    """A share of nothing: the account holds none of the asset."""

    exit_status = 1
