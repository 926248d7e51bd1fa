"""`registry pin` on a real chain: it reads what the world's registry knows, and only an owner puts it in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from treasurer.policies.book.book import Book
from treasurer.runtime.bot.bundle import read_bundle
from treasurer.runtime.bot.configuration import Configuration, read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.orders import PolicyUnsigned, read_signed_policy
from treasurer.runtime.bot.pinning import AGREED_DEPTH, read_pins, write_pins
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import make_bot
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.registry import read_registry
from treasurer.wallets.values import to_hex


@pytest.fixture
def unpinned(tmp_path: Path, chain: Devnet) -> tuple[BotFolder, Configuration, Path]:
    """A bot whose book pins nothing, with a comment of its owner's."""
    folder = make_bot(tmp_path / "bot", chain)
    book = folder.root / "book.yaml"
    text = re.sub(r', (code_hash|implementation|implementation_hash): "0x[0-9a-fA-F]+"', "", book.read_text())
    book.write_text(text.replace("venues:", "venues:  # looked at by hand"))
    return folder, read_configuration(folder.configuration), chain.registry


async def test_what_is_pinned_is_what_the_chain_holds(unpinned: tuple[BotFolder, Configuration, Path]) -> None:
    folder, configuration, registry_path = unpinned
    pins = {pin.label: pin for pin in await read_pins(folder, configuration)}
    for label, venue in read_registry(registry_path).venues.items():
        assert pins[label].code_hash == venue.code_hash
        assert pins[label].implementation == venue.implementation
        assert pins[label].implementation_hash == venue.implementation_code_hash
    assert pins["aave-v3"].implementation is not None


async def test_written_pins_keep_comments_and_need_a_signature(
    unpinned: tuple[BotFolder, Configuration, Path],
) -> None:
    folder, configuration, _ = unpinned
    pins = await read_pins(folder, configuration)
    assert write_pins(folder, configuration, pins)
    text = (folder.root / "book.yaml").read_text()
    assert "# looked at by hand" in text
    book = Book.read(text.encode())
    assert all(venue.code_hash for venue in book.venues(31337))
    assert not write_pins(folder, configuration, pins)
    with pytest.raises(PolicyUnsigned, match="signed"):
        read_signed_policy(folder, configuration, read_bundle(folder, configuration))


async def test_an_address_without_code_is_never_pinned(unpinned: tuple[BotFolder, Configuration, Path]) -> None:
    folder, configuration, _ = unpinned
    book = folder.root / "book.yaml"
    nobody = '  ghost: {address: "0x00000000000000000000000000000000000000aa", chains: [31337], kind: permit2}\n'
    book.write_text(book.read_text().replace("people:", nobody + "people:"))
    with pytest.raises(InvalidValue, match="ghost has no code"):
        await read_pins(folder, configuration)


async def test_a_safe_is_pinned_with_its_singleton_and_a_delegated_account_with_its_delegate(
    unpinned: tuple[BotFolder, Configuration, Path], chain: Devnet
) -> None:
    """Neither publishes the slot of EIP-1967: a Safe keeps its singleton in slot 0, the other names it in its code."""
    folder, configuration, _ = unpinned
    contracts = chain.addresses()["contracts"]
    singleton = contracts["safe-singleton"]["address"].lower()
    async with ChainClient([chain.rpc], chain.chain_id) as rpc:
        factory = contracts["safe-proxy-factory"]["address"]
        made = Call.encode(factory, "createProxyWithNonce(address,bytes,uint256)", singleton, b"", 7)
        safe = "0x" + (await rpc.call(factory, made.data))[-20:].hex()
        sent = {"from": chain.accounts[0], "to": factory, "data": to_hex(made.data), "gas": hex(1_000_000)}
        await rpc.request("eth_sendTransaction", [sent])
        await rpc.request("evm_mine")
        account = "0x" + "ad" * 20
        await rpc.request("anvil_setCode", [account, "0xef0100" + singleton[2:]])
        # What an EIP-1967 proxy keeps in its slot says nothing about either.
        slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
        for address in (safe, account):
            await rpc.request("anvil_setStorageAt", [address, slot, "0x" + "00" * 12 + "77" * 20])
        for _ in range(AGREED_DEPTH + 1):
            await rpc.request("evm_mine")
        code = await rpc.code(singleton)
    book = folder.root / "book.yaml"
    entries = (
        f'  vault: {{address: "{safe}", chains: [31337], kind: safe}}\n'
        f'  hot: {{address: "{account}", chains: [31337], kind: simple-7702-account}}\n'
    )
    book.write_text(book.read_text().replace("people:", entries + "people:"))
    pins = await read_pins(folder, configuration)
    found = {pin.label: pin for pin in pins}
    for label in ("vault", "hot"):
        assert found[label].implementation == singleton
        assert found[label].implementation_hash == to_hex(keccak(code))
    assert write_pins(folder, configuration, pins)
    venue = Book.read(book.read_bytes()).venue(safe, 31337)
    assert venue is not None
    assert venue.implementation == singleton
