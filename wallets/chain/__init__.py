"""chain: what is read from and sent to an EVM node over JSON-RPC: blocks, fees, code, simulation, receipts, finality.

It knows the values and errors of wallets, and nothing above them. A URL may hold credentials: nothing here shows more
of it than scheme and host.
"""

from __future__ import annotations

from .client import ChainClient
from .endpoint import redact
from .errors import InsufficientFunds, NonceTooLow, Underpriced
from .fees import FeeQuote, fee_ceiling, gas_reserve, replacement_fees
from .reverts import decode_revert
from .values import BlockHeader, BlockTag, Finality, Log, Receipt

__all__ = [
    "BlockHeader",
    "BlockTag",
    "ChainClient",
    "FeeQuote",
    "Finality",
    "InsufficientFunds",
    "Log",
    "NonceTooLow",
    "Receipt",
    "Underpriced",
    "decode_revert",
    "fee_ceiling",
    "gas_reserve",
    "redact",
    "replacement_fees",
]
