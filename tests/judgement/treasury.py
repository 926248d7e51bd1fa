"""The treasury that requests are judged against: the standard tools, and a book of labels."""

from __future__ import annotations

from treasurer.tools import Catalog, Handles, Payee, Token, Venue
from treasurer.tools.standard import STANDARD_TOOLS

HANDLES = Handles.of(
    payees=[
        Payee(label, f"0x{index:040x}") for index, label in enumerate(("alice", "bob", "carol", "cold-storage"), 1)
    ],
    tokens=[
        Token("native", "native", 18),
        Token("usdc", "0x" + "c0" * 20, 6),
        Token("dai", "0x" + "da" * 20, 18),
        Token("weth", "0x" + "ee" * 20, 18),
        Token("wbtc", "0x" + "bc" * 20, 8),
    ],
    venues=[Venue("aave-v3", "0x" + "aa" * 20), Venue("uniswap-v3", "0x" + "03" * 20)],
)

CATALOG = Catalog.of(STANDARD_TOOLS, HANDLES)
