"""The kinds of tokens and venues that a book may name: each says which functions a contract has."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from ...wallets.hints import nearest_or_all

WRAPPED_NATIVE = "weth9"
"""The kind of the one token of a chain that wraps its coin."""
VAULT = "erc4626"
"""The kind of the venues that take one token and give shares of it."""
SAFE = "safe"
AS_DECLARED = "own"
"""The kind of any other contract: it has the functions that its ``functions`` or its ``abi`` declare, and no more."""

COLLECTIONS = frozenset({"erc721", "erc1155"})
FUNGIBLE = frozenset({"erc20", WRAPPED_NATIVE})
TOKEN_KINDS = FUNGIBLE | COLLECTIONS
SIMPLE_ACCOUNTS = frozenset({"simple-account-0.6", "simple-account-0.7", "simple-account-0.8"})
DELEGATED_ACCOUNT = "simple-7702-account"
MODULAR_ACCOUNT = "erc7579-account"
CONTRACT_ACCOUNTS = frozenset({SAFE, DELEGATED_ACCOUNT, MODULAR_ACCOUNT}) | SIMPLE_ACCOUNTS
"""Kinds of venue that are accounts of ours, of which it is read who commands them and what they run."""
MULTISENDS = frozenset({"safe-multisend", "safe-multisend-call-only"})
"""Libraries that a Safe runs as itself."""
VENUE_KINDS = (
    TOKEN_KINDS
    | CONTRACT_ACCOUNTS
    | MULTISENDS
    | {
        VAULT,
        AS_DECLARED,
        "aave-v3-debt-token",
        "aave-v3-gateway",
        "aave-v3-pool",
        "access-manager",
        "compound-timelock",
        "ens-controller",
        "ens-name-wrapper",
        "ens-registrar",
        "ens-registry",
        "ens-resolver",
        "ens-reverse-registrar",
        "entry-point-0.6",
        "entry-point-0.7",
        "entry-point-0.8",
        "erc7821-account",
        "governor",
        "multicall3",
        "permit2",
        "seaport",
        "timelock-controller",
        "uniswap-v2-router",
        "uniswap-v3-position-manager",
        "uniswap-v3-router",
        "uniswap-v3-swap-router",
        "universal-router",
    }
)
"""A token may be a venue too: a rule then names it as what is called."""


def read_token_kind(value: Any) -> str:
    """A kind of token. Raises ValueError with the nearest one."""
    if not isinstance(value, str) or value not in TOKEN_KINDS:
        raise ValueError(f'"{value}" is no kind of token{nearest_or_all(str(value), TOKEN_KINDS)}')
    return value


def read_venue_kind(value: Any) -> str:
    """A kind of venue. Raises ValueError with the nearest one."""
    if not isinstance(value, str) or value not in VENUE_KINDS:
        declared = f"; a contract with functions or an abi of its own is kind: {AS_DECLARED}"
        raise ValueError(f'"{value}" is no kind of venue{nearest_or_all(str(value), VENUE_KINDS)}{declared}')
    return value


TokenKind = Annotated[str, BeforeValidator(read_token_kind)]
VenueKind = Annotated[str, BeforeValidator(read_venue_kind)]
