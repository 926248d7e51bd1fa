"""tools: what an agent can do: each tool reads facts, or builds calls and claims their effect; none ever signs.

Holds the tool decorator, the slots of arguments, the handles of the book and the catalog of a bot.
May import wallets' and policies' vocabulary.
"""

from .catalog import Catalog
from .errors import (
    InvalidArgument,
    InvalidTool,
    NoPrice,
    NotEnough,
    NotOffered,
    PoorMarket,
    ToolError,
    UnknownHandle,
    Unresolvable,
)
from .fact import Fact
from .handles import Handles, Payee, Token, Venue
from .slots import Amount, Asset, Basis, HealthFactor, Share, TargetWeights
from .tool import Chain, Context, Parameter, Tool, ToolCall, tool

__all__ = [
    "Amount",
    "Asset",
    "Basis",
    "Catalog",
    "Chain",
    "Context",
    "Fact",
    "Handles",
    "HealthFactor",
    "InvalidArgument",
    "InvalidTool",
    "NoPrice",
    "NotEnough",
    "NotOffered",
    "Parameter",
    "Payee",
    "PoorMarket",
    "Share",
    "TargetWeights",
    "Token",
    "Tool",
    "ToolCall",
    "ToolError",
    "UnknownHandle",
    "Unresolvable",
    "Venue",
    "tool",
]
