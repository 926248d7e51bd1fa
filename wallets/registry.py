"""Registry: the addresses that a chain's protocols publish, each row with its source. A devnet's lies with its world.

A registry authorizes nothing: addresses enter a bot through its book, which people sign.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import InvalidValue
from .values import Address, Hash32


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Native(_Row):
    """The chain's own coin; ``feed`` prices it in USD."""

    symbol: str
    decimals: int
    feed: Address | None = None
    heartbeat_seconds: int | None = None


class SigningDomain(_Row):
    """Name and version of a token's EIP-712 domain."""

    name: str
    version: str


class Token(_Row):
    """A token: ``kind`` is ``erc20`` or ``weth9``, ``permit`` ``eip2612`` where it has one."""

    address: Address
    decimals: int
    kind: str = "erc20"
    permit: str | None = None
    domain: SigningDomain | None = None
    feed: Address | None = None
    heartbeat_seconds: int | None = None
    code_hash: Hash32 | None = None
    source: str


class Reserve(_Row):
    """The tokens that stand for a lending position."""

    a_token: Address
    variable_debt_token: Address


class Venue(_Row):
    """A protocol's entry contract by its ``kind``, with the contracts around it that tools read.

    ``quoter_kind``: Uniswap's first Quoter or its QuoterV2; their functions over paths answer the amount first.
    """

    kind: str
    address: Address
    code_hash: Hash32 | None = None
    implementation: Address | None = None
    implementation_code_hash: Hash32 | None = None
    factory: Address | None = None
    quoter: Address | None = None
    quoter_kind: Literal["quoter", "quoter-v2"] | None = None
    position_manager: Address | None = None
    fee_tiers: tuple[int, ...] = ()
    addresses_provider: Address | None = None
    oracle: Address | None = None
    data_provider: Address | None = None
    reserves: dict[str, Reserve] = {}
    source: str


class Contract(_Row):
    """Any other contract that is worth a name."""

    address: Address
    code_hash: Hash32 | None = None
    source: str


class Registry(_Row):
    """One chain's rows, by label."""

    chain_id: int
    name: str
    native: Native
    wrapped_native: str
    tokens: dict[str, Token]
    venues: dict[str, Venue]
    contracts: dict[str, Contract] = {}


def read_registry(path: Path) -> Registry:
    """The registry in a file. Raises InvalidValue where it is none."""
    try:
        return Registry.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidValue(f"no registry at {path}: {error.strerror}", next_command="treasurer devnet up") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidValue(f"{path}: {where}: {first['msg']}") from error


def registry_of(chain_id: int) -> Registry:
    """The registry that comes with treasurer for a chain. Raises InvalidValue naming the chains that have one."""
    folder = files(__package__).joinpath("registries")
    found = {}
    for item in folder.iterdir() if folder.is_dir() else ():
        if item.name.endswith(".json"):
            document = json.loads(item.read_text(encoding="utf-8"))
            found[document["chain_id"]] = document
    if chain_id not in found:
        known = ", ".join(str(number) for number in sorted(found)) or "none"
        raise InvalidValue(f"no registry for chain {chain_id} comes with treasurer; there are: {known}")
    return Registry.model_validate(found[chain_id])
