"""Everything that goes wrong with a tool, by name. Each message says what to do next.

ToolError
├── InvalidTool      a tool that cannot be offered: an argument without a slot, no docstring, a second tool of that name
├── UnknownHandle    a payee, asset or venue that the book does not name
├── InvalidArgument  a text that is not what its slot takes (also a ValueError)
├── Unresolvable     an amount that only the chain can give, and the chain gave nothing to take a share of
├── NotOffered       the venue, or the asset there, is not one that this tool knows
├── NotEnough        the account lacks balance, collateral or debt for what was asked; says how much is missing
├── NoPrice          the asset's feed is missing, silent or stale
└── PoorMarket       no pool trades it, or none at a price near enough to the oracle's
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


class NotOffered(ToolError):
    """A venue or an asset that the tool cannot use."""


class NotEnough(ToolError):
    """The account has less than what was asked; the message says how much is missing."""

    exit_status = 1


class NoPrice(ToolError):
    """An asset without a price that holds now: nothing may be computed from it."""

    exit_status = 1


class PoorMarket(ToolError):
    """No route, or only routes worse than the oracle allows."""

    exit_status = 1
