"""What the world does around a treasury: prices move, money and strange tokens arrive, time passes.

Verbs of scenarios and of the demo. Every one is real transactions on the node, of accounts that are not the treasury's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from ...wallets.ens import namehash
from .artifacts import Artifacts
from .deploy.deployer import ADMIN, ADMIN_WEI
from .deploy.prices import FEED_DECIMALS
from .errors import InvalidWorld
from .markets import Markets
from .packages import packages_folder
from .rpc import Rpc


class World:
    """The world on one node. registry is the devnet's registry file, parsed."""

    def __init__(self, rpc: Rpc, registry: Mapping[str, Any]) -> None:
        self.rpc = rpc
        self.registry = registry
        self._tokens: Mapping[str, Mapping[str, Any]] = registry["tokens"]
        self._markets = Markets(rpc, registry)

    # Prices

    def price(self, asset: str) -> Decimal:
        """US dollars for one whole unit of a token's label, or of `native`, as its feed answers."""
        return Decimal(self._markets.answer(self._label(asset))).scaleb(-FEED_DECIMALS)

    def set_price(self, asset: str, usd: Decimal | int | str) -> None:
        """Move the feed to `usd`, and every Uniswap pool of the asset by a real swap, so that all agree."""
        answer = int(Decimal(usd).scaleb(FEED_DECIMALS))
        if answer <= 0:
            raise InvalidWorld(f"a price above zero is needed for {asset}, not {usd}")
        self.rpc.send(ADMIN, self._feed(asset), "setAnswer(int256)", answer)
        self._markets.align(self._label(asset))

    def drop_price(self, asset: str, percent: Decimal | int | str) -> Decimal:
        """Let the price fall by `percent` of what it is; returns the new price in US dollars."""
        self.set_price(asset, self.price(asset) * (100 - Decimal(percent)) / 100)
        return self.price(asset)

    def refresh_feeds(self) -> None:
        """Give every feed a new round with the answer it has."""
        for feed in {self._feed(label) for label in self._tokens}:
            answer = self.rpc.call(feed, "latestAnswer()", returns="(int256)")
            self.rpc.send(ADMIN, feed, "setAnswer(int256)", answer)

    # Money

    def fund(
        self, account: str, native: Decimal | int | str = 0, tokens: Mapping[str, Decimal | int | str] | None = None
    ) -> None:
        """Give `account` so much *more*: native coin and tokens by label, in whole units."""
        wei = int(Decimal(native).scaleb(18))
        if wei:
            held = int(self.rpc.request("eth_getBalance", account, "latest"), 16)
            self.rpc.request("anvil_setBalance", account, hex(held + wei))
        for label, amount in (tokens or {}).items():
            token = self._tokens[label]
            base_units = int(Decimal(amount).scaleb(token["decimals"]))
            if token["kind"] == "weth9":
                self.rpc.send(ADMIN, token["address"], "transfer(address,uint256)", account, base_units)
            else:
                self.rpc.send(ADMIN, token["address"], "mint(address,uint256)", account, base_units)

    def airdrop(self, account: str, name: str, symbol: str, amount: Decimal | int | str = 1, decimals: int = 18) -> str:
        """A new token of any name and symbol, some of it sent to `account` unasked; returns its address.

        Name and symbol are whatever a stranger wants them to be: 128 bytes each, instructions included.
        """
        artifact = Artifacts(packages_folder()).load("token")
        code = artifact.linked({}) + encode(artifact.constructor_types(), (name, symbol, decimals))
        receipt = self.rpc.transact({"from": ADMIN, "data": "0x" + code.hex()})
        token = to_checksum_address(receipt["contractAddress"])
        self.rpc.send(ADMIN, token, "mint(address,uint256)", account, int(Decimal(amount).scaleb(decimals)))
        return token

    def balance(self, account: str, asset: str = "native") -> int:
        """Base units that `account` holds of a token's label, or wei of `native`."""
        if asset == "native":
            return int(self.rpc.request("eth_getBalance", account, "latest"), 16)
        held: int = self.rpc.call(self._tokens[asset]["address"], "balanceOf(address)", account, returns="(uint256)")
        return held

    def name(self, name: str, account: str) -> None:
        """Register `name` (a label below `.eth`, such as `alice.eth`) for `account`, and name it in reverse."""
        label, _, parent = name.partition(".")
        if not label or parent != "eth":
            raise InvalidWorld(f"{name} is no name of one label below .eth")
        contracts = self.registry["contracts"]
        node, resolver = namehash(name), contracts["ens-resolver"]["address"]
        record = (namehash(parent), keccak(text=label), ADMIN, resolver, 0)
        registry = contracts["ens-registry"]["address"]
        self.rpc.send(ADMIN, registry, "setSubnodeRecord(bytes32,bytes32,address,address,uint64)", *record)
        self.rpc.send(ADMIN, resolver, "setAddr(bytes32,address)", node, account)
        self.rpc.send(ADMIN, registry, "setOwner(bytes32,address)", node, account)
        self.rpc.send(account, contracts["ens-reverse-registrar"]["address"], "setName(string)", name)

    # Time

    def advance(self, seconds: int) -> None:
        """Let time pass, then refresh feeds and pool observations, as their keepers would have."""
        self.wake(self.rpc.time_seconds() + seconds)

    def advance_stale(self, seconds: int) -> None:
        """Let time pass with nobody refreshing anything: feeds go stale."""
        self._set_time(self.rpc.time_seconds() + seconds)

    def wake(self, now_seconds: int) -> None:
        """Set the chain's time (forwards only), refresh feeds, and write an observation in every v3 pool."""
        self.rpc.request("anvil_setBalance", ADMIN, hex(ADMIN_WEI))
        self._set_time(max(now_seconds, self.rpc.time_seconds() + 1))
        self.refresh_feeds()
        self._markets.touch()

    def _set_time(self, timestamp: int) -> None:
        self.rpc.request("evm_setNextBlockTimestamp", timestamp)
        self.rpc.request("evm_mine")

    # Snapshots

    def snapshot(self) -> str:
        """Keep the world as it is; `revert` comes back to it, once."""
        identifier: str = self.rpc.request("evm_snapshot")
        return identifier

    def revert(self, identifier: str) -> None:
        """Back to a snapshot, clock included."""
        if self.rpc.request("evm_revert", identifier) is not True:
            raise InvalidWorld(f"snapshot {identifier} is gone: a snapshot serves one revert")

    # Inside

    def _label(self, asset: str) -> str:
        label = self.registry["wrapped_native"] if asset == "native" else asset
        if label not in self._tokens:
            raise InvalidWorld(f"{asset} is no asset of the devnet: use one of native, {', '.join(self._tokens)}")
        return str(label)

    def _feed(self, asset: str) -> str:
        return str(self._tokens[self._label(asset)]["feed"])
