"""Pinning: the code that runs at a book's venues and tokens, read from two endpoints and written into the book.

Nothing is trusted because it was read: the hashes enter the policy's CID with the book, and an owner signs that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import StringIO

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from ...policies.book.contract_kinds import DELEGATED_ACCOUNT, SAFE
from ...policies.book.entries import TokenEntry, VenueEntry
from ...policies.observation.observe import IMPLEMENTATION_SLOTS
from ...policies.observation.reads.accounts import SINGLETON_SLOT
from ...policies.observation.reads.probes import delegate_of
from ...wallets.chain import ChainClient
from ...wallets.errors import ChainError, InvalidValue, TreasurerError
from ...wallets.values import DEVNET_CHAIN_ID, Address, Hash32, checksum, to_hex
from .bundle import read_bundle
from .configuration import Configuration
from .folder import BotFolder
from .secrets import endpoints

AGREED_DEPTH = 2
"""Blocks below the lower of two heads: both endpoints have had time to agree on that block."""


class Disagreement(TreasurerError):
    """Two endpoints do not say the same of one contract."""

    exit_status = 1


class Pin(BaseModel):
    """What runs at one entry of the book: keccak-256 of its code, and of what it runs besides.

    That is a proxy's implementation (EIP-1967), a Safe's singleton, or the delegate of a plain account (EIP-7702).
    """

    model_config = ConfigDict(frozen=True)

    section: str
    label: str
    address: Address
    code_hash: Hash32
    implementation: Address | None = None
    implementation_hash: Hash32 | None = None


async def read_pins(folder: BotFolder, configuration: Configuration) -> list[Pin]:
    """The pins of every venue and token of the book on the bot's chain, equal at one block on every endpoint.

    Raises Disagreement, InvalidValue where an entry has no code or where a second endpoint is missing, ChainError.
    """
    book, chain_id = read_bundle(folder, configuration).book, configuration.chain.id
    urls = endpoints(configuration.chain.rpc, root=folder.root)
    if len(urls) < 2 and chain_id != DEVNET_CHAIN_ID:
        raise InvalidValue(
            "pinning asks two endpoints: add a second one to [chain] rpc", next_command="treasurer doctor"
        )
    entries: list[tuple[str, VenueEntry | TokenEntry]] = [("venues", entry) for entry in book.venues(chain_id)]
    entries += [("tokens", entry) for entry in book.tokens(chain_id)]
    clients = [ChainClient([url], chain_id) for url in urls]
    try:
        await asyncio.gather(*(client.open() for client in clients))
        heads = await asyncio.gather(*(client.block() for client in clients))
        number = max(0, min(head.number for head in heads) - AGREED_DEPTH)
        answers = await asyncio.gather(*(_pins(client, entries, number) for client in clients))
    finally:
        await asyncio.gather(*(client.aclose() for client in clients))
    for other in answers[1:]:
        for mine, theirs in zip(answers[0], other, strict=True):
            if mine != theirs:
                raise Disagreement(
                    f"the endpoints disagree about {mine.label} at block {number}: pin nothing, ask a third"
                )
    return answers[0]


async def _pins(chain: ChainClient, entries: Sequence[tuple[str, VenueEntry | TokenEntry]], number: int) -> list[Pin]:
    block = await chain.block(number)
    return [await _pin(chain, section, entry, block.hash) for section, entry in entries]


async def _pin(chain: ChainClient, section: str, entry: VenueEntry | TokenEntry, block: str) -> Pin:
    label, address = entry.label, entry.address
    code = await chain.code(address, block)
    if not code:
        raise InvalidValue(f"{label} has no code at {checksum(address)} on chain {chain.chain_id}: correct book.yaml")
    pin = Pin(section=section, label=label, address=address, code_hash=to_hex(keccak(code)))
    implementation = await _implementation(chain, entry, code, block)
    if implementation is None:
        return pin
    behind = await chain.code(implementation, block)
    if not behind:
        raise ChainError(f"{label} is a proxy for {checksum(implementation)}, which has no code")
    hashed = to_hex(keccak(behind))
    return pin.model_copy(update={"implementation": implementation, "implementation_hash": hashed})


async def _implementation(chain: ChainClient, entry: VenueEntry | TokenEntry, code: bytes, block: str) -> str | None:
    """The contract whose code the entry runs, where that is another one."""
    if entry.kind == DELEGATED_ACCOUNT:
        return delegate_of(code)
    for slot in (SINGLETON_SLOT,) if entry.kind == SAFE else IMPLEMENTATION_SLOTS:
        stored = await chain.storage(entry.address, slot, block)
        if any(stored):
            return to_hex(stored[-20:])
    return None


def write_pins(folder: BotFolder, configuration: Configuration, pins: Sequence[Pin]) -> bool:
    """Write the pins into book.yaml, leaving its comments and order; False where they all stood there already."""
    from ruamel.yaml import YAML
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    path = folder.root / configuration.policy.book
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    document = yaml.load(path.read_text())
    changed = False
    for pin in pins:
        written = document[pin.section][pin.label]
        entry = written if not isinstance(written, list) else _on(written, configuration.chain.id)
        found = {
            "code_hash": pin.code_hash,
            "implementation": None if pin.implementation is None else checksum(pin.implementation),
            "implementation_hash": pin.implementation_hash,
        }
        for name, value in found.items():
            if value is None:
                changed |= entry.pop(name, None) is not None
            elif str(entry.get(name, "")).lower() != value.lower():
                entry[name] = DoubleQuotedScalarString(value)
                changed = True
    if changed:
        text = StringIO()
        yaml.dump(document, text)
        aside = path.with_suffix(".new")
        aside.write_text(text.getvalue())
        aside.replace(path)
    return changed


def _on(entries: Sequence[dict[str, object]], chain_id: int) -> dict[str, object]:
    for entry in entries:
        chains = entry["chains"]
        if chains == chain_id or (isinstance(chains, list) and chain_id in chains):
            return entry
    raise InvalidValue(f"no entry on chain {chain_id}")
