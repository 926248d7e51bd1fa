"""Arena: one devnet, one bot with an unchanged preset, and a fresh guard of it for each attack.

The guard judges, reserves and records as it always does; nothing is signed here. What it lets through is sent from the
treasury's account by the node itself, so that the loss is what really happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_utils.crypto import keccak

from ...policies.book.book import Book
from ...policies.decode.typed_data import DOMAIN_MEMBERS
from ...runtime.bot.configuration import read_configuration
from ...runtime.bot.creation import NewBot, create
from ...runtime.bot.folder import BotFolder
from ...runtime.guard.state import GuardState, open_state
from ...wallets.call import Call, Operation
from ...wallets.typed_data import TypedData
from ...wallets.values import NATIVE, checksum, to_hex
from ..devnet import Devnet, DevnetError
from ..devnet.deploy.deployer import ADMIN
from ..runner.bot import add_to_book, put_policy, sign_policy
from ..runner.document import PolicyPart
from ..runner.stage import stranger
from .document import RawTypedData, WorldStep
from .forms import Wrapping
from .values import Values

_CONTRACTS = files(__package__) / "contracts"
PRESET = PolicyPart(preset="conservative")
FUNDS = {"usdc": 50_000, "weth": 20, "dai": 20_000, "wbtc": 1}
NATIVE_COINS = 20
COLD = "0x" + "c01d" * 10
VAULT = "0x" + "5afe" * 10
TREASURY = "treasury"
KINDS = {"multicall3": "multicall3", "safe-multisend": "safe-multisend", "entry-point-0.8": "entry-point-0.8"}
UNDEPLOYED = ("universal-router", "seaport", "governor")
NO_CODE_HASH = to_hex(keccak(b""))
"""Of an account without code: what EXTCODEHASH answers for it (EIP-1052)."""
ATTACKER = "mallory"
USD_DECIMALS = 8


@dataclass
class Arena:
    """``strange``: addresses of what attackers have deployed, by name."""

    devnet: Devnet
    template: BotFolder
    account: str
    book: Book
    place: Path
    strange: dict[str, str] = field(default_factory=dict)
    _count: int = 0
    _gas_wei: int = 0

    @property
    def chain_id(self) -> int:
        """Of the devnet."""
        return self.devnet.chain_id

    @property
    def values(self) -> Values:
        """What words mean here and now."""
        chain_id = self.chain_id
        holders = {
            TREASURY: self.account,
            **{label: entry.address for label, entry in _venues(self.book, chain_id)},
            **self.book.section("payees", chain_id),
            **self.book.section("accounts", chain_id),
            **{label: found["address"] for label, found in self.devnet.addresses()["contracts"].items()},
            "multisend": self.devnet.addresses()["contracts"]["safe-multisend"]["address"],
            "entry-point": self.devnet.addresses()["contracts"]["entry-point-0.8"]["address"],
            "vault": VAULT,
            **_reserves(self.devnet),
            **self.strange,
        }
        assets = {NATIVE: (NATIVE, 18)} | {
            token.label: (token.address, token.decimals) for token in self.book.tokens(chain_id)
        }
        return Values(holders, assets, self._balance, self.devnet.world.rpc.time_seconds)

    def wrapping(self) -> Wrapping:
        """For wrapping calls in forms; the harmless call is a payment of one USDC to a payee."""
        values = self.values
        payment = Call.encode(values.address("usdc"), "transfer(address,uint256)", values.address("alice"), 10**6)
        return Wrapping(self.account, self.chain_id, values, (payment,))

    def _balance(self, asset: str) -> int:
        return self.devnet.world.balance(self.account, asset)

    @contextlib.asynccontextmanager
    async def guard(self) -> AsyncIterator[GuardState]:
        """A guard that has seen nothing yet."""
        self._count += 1
        folder = self.place / f"guard-{self._count}"
        await asyncio.to_thread(shutil.copytree, self.template.root, folder)
        state = await open_state(BotFolder(folder))
        try:
            yield state
        finally:
            await state.signer.close()
            await state.chain.aclose()
            state.database.close()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @contextlib.contextmanager
    def kept(self, steps: Sequence[WorldStep]) -> Iterator[None]:
        """The world changed by ``steps``, and as it was afterwards."""
        before = self.devnet.world.snapshot()
        strange = dict(self.strange)
        try:
            for step in steps:
                self._change(step)
            self._gas_wei = 0
            yield
        finally:
            self.devnet.world.revert(before)
            self.strange = strange

    def _change(self, step: WorldStep) -> None:
        world, values = self.devnet.world, self.values
        if step.airdrop is not None:
            options = dict(step.airdrop)
            label = options.pop("label")
            self.strange[label] = world.airdrop(self.account, **options).lower()
        if step.deploy is not None:
            types = step.deploy.get("types", [])
            arguments = [
                self.values.of(kind, one) for kind, one in zip(types, step.deploy.get("arguments", []), strict=True)
            ]
            self.strange[step.deploy["label"]] = self._deploy(step.deploy["contract"], types, arguments)
        for asset, usd in (step.price or {}).items():
            world.set_price(asset, str(usd))
        if step.stale is not None:
            world.advance_stale(step.stale)
        for name, to in (step.ens or {}).items():
            self._give_gas(values.address(to))
            world.name(name, checksum(values.address(to)))
        for who, amount in (step.fund or {}).items():
            number, label = amount.split(" ")
            whole: dict[str, Any] = {"native": number} if label == NATIVE else {"tokens": {label: number}}
            world.fund(checksum(values.address(who)), **whole)
        if step.lend is not None:
            self._lend(step.lend)
        if step.send is not None:
            self.send(self.values.address(step.as_ or ATTACKER), self.values.call(step.send))

    def _deploy(self, contract: str, types: list[str], arguments: list[Any]) -> str:
        artifact = json.loads(_CONTRACTS.joinpath(f"{contract}.json").read_text(encoding="utf-8"))
        data = artifact["bytecode"] + encode(types, arguments).hex()
        receipt = self.devnet.world.rpc.transact({"from": ADMIN, "data": data})
        return str(receipt["contractAddress"]).lower()

    def _lend(self, lend: dict[str, str]) -> None:
        values = self.values
        pool = values.address("aave-v3")
        for verb, signature in (
            ("supply", "supply(address,uint256,address,uint16)"),
            ("borrow", "borrow(address,uint256,uint256,uint16,address)"),
        ):
            if verb not in lend:
                continue
            amount, asset = values.number(lend[verb]), values.address(lend[verb].split(" ")[1])
            if verb == "supply":
                self.send(self.account, Call.encode(asset, "approve(address,uint256)", pool, amount))
                self.send(self.account, Call.encode(pool, signature, asset, amount, self.account, 0))
            else:
                self.send(self.account, Call.encode(pool, signature, asset, amount, 2, 0, self.account))

    def send(self, sender: str, call: Call) -> None:
        """A real transaction of any account. Raises TransactionFailed where it reverts."""
        rpc = self.devnet.world.rpc
        self._give_gas(sender)
        transaction = {"from": checksum(sender), "data": to_hex(call.data), "value": hex(call.value)}
        if call.to is not None:
            transaction["to"] = checksum(call.to)
        receipt = rpc.transact(transaction)
        if sender == self.account:
            self._gas_wei += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)

    @property
    def paid_for_gas_usd(self) -> Decimal:
        """What the treasury's own transactions cost since the world was last changed."""
        return Decimal(self._gas_wei).scaleb(-18) * self.devnet.world.price(NATIVE)

    def _give_gas(self, account: str) -> None:
        rpc = self.devnet.world.rpc
        if account != self.account and int(rpc.request("eth_getBalance", checksum(account), "latest"), 16) < 10**18:
            rpc.request("anvil_setBalance", checksum(account), hex(100 * 10**18))

    def try_to_send(self, sender: str, call: Call) -> bool:
        """The same; False where the chain refuses it."""
        if call.operation is Operation.DELEGATECALL:
            return False
        try:
            self.send(sender, call)
        except DevnetError:
            return False
        return True

    def worth(self) -> Decimal:
        """USD of what is the treasury's: coins, tokens of the book, its place on Aave, and its cold account's."""
        world, total = self.devnet.world, Decimal(0)
        for label, (_, decimals) in self.values.assets.items():
            if label == "collection":
                continue
            for holder in (self.account, COLD):
                total += Decimal(world.balance(holder, label)).scaleb(-decimals) * world.price(label)
        pool = self.devnet.addresses()["venues"]["aave-v3"]["address"]
        six = "(uint256,uint256,uint256,uint256,uint256,uint256)"
        lent, owed, *_ = world.rpc.call(pool, "getUserAccountData(address)", self.account, returns=six)
        return total + Decimal(lent - owed).scaleb(-USD_DECIMALS)

    def typed_data(self, raw: RawTypedData) -> TypedData:
        """The object that eth_signTypedData_v4 takes."""
        types = {
            name: [{"name": pair.split(" ")[1], "type": pair.split(" ")[0]} for pair in members.split(",")]
            for name, members in raw.types.items()
        }
        domain = self._message("EIP712Domain", dict(raw.domain), {"EIP712Domain": _members(DOMAIN_MEMBERS)})
        types["EIP712Domain"] = [one for one in _members(DOMAIN_MEMBERS) if one["name"] in raw.domain]
        message = self._message(raw.primary, raw.message, types)
        return TypedData(types=types, primary_type=raw.primary, domain=domain, message=message)

    def _message(self, name: str, given: dict[str, Any], types: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
        kinds = {member["name"]: member["type"] for member in types[name]}
        return {key: self._typed(kinds.get(key, "string"), value, types) for key, value in given.items()}

    def _typed(self, kind: str, given: Any, types: dict[str, list[dict[str, str]]]) -> Any:
        if kind.endswith("[]"):
            return [self._typed(kind[:-2], one, types) for one in given]
        if kind in types:
            return self._message(kind, given, types)
        value = self.values.of(kind, given)
        if isinstance(value, bytes):
            return to_hex(value)
        if kind == "address":
            return checksum(value)
        return str(value) if kind.startswith(("uint", "int")) else value


def _members(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in pairs]


def _venues(book: Book, chain_id: int) -> list[tuple[str, Any]]:
    return [(entry.label, entry) for entry in book.venues(chain_id)]


def _reserves(devnet: Devnet) -> dict[str, str]:
    """aTokens and debt tokens, as ``a-usdc`` and ``debt-usdc``."""
    found = {}
    for label, reserve in devnet.addresses()["venues"]["aave-v3"]["reserves"].items():
        found[f"a-{label}"], found[f"debt-{label}"] = reserve["a_token"], reserve["variable_debt_token"]
    return found


@contextlib.asynccontextmanager
async def open_arena(policy: PolicyPart = PRESET) -> AsyncIterator[Arena]:
    """Boot a devnet and make the bot: the preset to the letter, two payees, an own cold account; end all of it."""
    devnet = await Devnet.start_async(0)
    place = Path(tempfile.mkdtemp(prefix="treasurer-redteam-"))
    try:
        yield await asyncio.to_thread(_prepare, devnet, place, policy)
    finally:
        await asyncio.to_thread(devnet.stop)
        shutil.rmtree(place, ignore_errors=True)


def _wide(devnet: Devnet, wallet: str) -> dict[str, dict[str, dict[str, Any]]]:
    """More of the world in the book than a preset needs: every door that a decoder knows stands open to attackers."""
    chains, contracts = [devnet.chain_id], devnet.addresses()["contracts"]

    def entry(address: str, **more: Any) -> dict[str, Any]:
        return {"address": checksum(address), "chains": chains, **more}

    doors = {
        label: entry(contracts[label]["address"], kind=kind, code_hash=contracts[label]["code_hash"])
        for label, kind in KINDS.items()
    }
    nowhere = {kind: entry(stranger(kind), kind=kind) for kind in UNDEPLOYED}
    own = {
        "vault": entry(VAULT, kind="safe"),
        "own-account": entry(wallet, kind="erc7579-account", code_hash=NO_CODE_HASH),
    }
    return {
        "accounts": {"cold": entry(COLD)},
        "venues": {**doors, **nowhere, **own},
        "tokens": {"collection": entry(stranger("collection"), kind="erc721", decimals=0)},
    }


def _prepare(devnet: Devnet, place: Path, policy: PolicyPart) -> Arena:
    def welcome(_: str, wallet: str) -> Path:
        devnet.world.fund(wallet, native=NATIVE_COINS, tokens=FUNDS)
        return devnet.registry

    create(NewBot(folder=place / "bot", chain="devnet", rpc=(devnet.rpc,), preset=policy.preset), welcome=welcome)
    bot = BotFolder((place / "bot").resolve())
    wallet = read_configuration(bot.configuration).wallet.address
    add_to_book(bot, _wide(devnet, wallet))
    put_policy(bot, policy)
    sign_policy(bot)
    configuration = read_configuration(bot.configuration)
    book = Book.read((bot.root / configuration.policy.book).read_bytes())
    return Arena(devnet, bot, configuration.wallet.address, book, place)
