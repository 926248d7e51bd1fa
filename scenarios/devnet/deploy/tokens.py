"""Tokens and their price feeds: WETH9 as everywhere, the others our own contract."""

from __future__ import annotations

from dataclasses import dataclass

from .deployer import ADMIN, Deployer
from .prices import FEED_DECIMALS, OPENING_USD

WRAPPED_WEI = 10**25
SUPPLY_WHOLE = 10**10


@dataclass(frozen=True)
class Token:
    """A deployed token; its feed answers US dollars for one whole token, with FEED_DECIMALS decimals."""

    label: str
    name: str
    symbol: str
    decimals: int
    address: str
    feed: str
    wrapped: bool = False


OWN_TOKENS = (("usdc", "USD Coin", "USDC", 6), ("dai", "Dai Stablecoin", "DAI", 18), ("wbtc", "Wrapped BTC", "WBTC", 8))


def deploy_tokens(deployer: Deployer) -> dict[str, Token]:
    """All tokens by label; ADMIN holds plenty of each."""
    weth = deployer.create("WETH9")
    deployer.send(weth, "deposit()", wei=WRAPPED_WEI)
    tokens = {"weth": Token("weth", "Wrapped Ether", "WETH", 18, weth, _feed(deployer, "weth", "ETH"), wrapped=True)}
    for label, name, symbol, decimals in OWN_TOKENS:
        address = deployer.create("token", name, symbol, decimals)
        deployer.send(address, "mint(address,uint256)", ADMIN, SUPPLY_WHOLE * 10**decimals)
        tokens[label] = Token(label, name, symbol, decimals, address, _feed(deployer, label, symbol))
    return tokens


def _feed(deployer: Deployer, label: str, symbol: str) -> str:
    return deployer.create("price_feed", f"{symbol} / USD", FEED_DECIMALS, OPENING_USD[label] * 10**FEED_DECIMALS)
