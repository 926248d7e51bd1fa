"""What a fuzzer begins with: a book that names a contract of every kind, and calls of every function that is read."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from eth_abi import encode
from eth_abi.grammar import TupleType, parse

from treasurer.policies.book.book import Book
from treasurer.policies.book.contract_kinds import VAULT
from treasurer.policies.decode.registry import ANYWHERE, BY_KIND
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.call import argument_types, selector

CHAIN = 31337
ACCOUNT = "0x" + "a1" * 20
ATTACKER = "0x" + "bad0" * 10
ALICE = "0x" + "a11ce0" * 6 + "a11c"
TOKEN_KINDS = ("erc20", "weth9", "erc721", "erc1155")
DEEPEST = 4
NUMBERS = (0, 1, 2, 10**6, 999 * 10**6, 10**18, 2**96 - 1, 2**128, 2**160 - 1, 2**255, 2**256 - 1)
POLICY = """
version: 1
name: fuzzed
chains: [31337]
limits:
  - {id: day-out, counts: outflow, asset: usd, window: 24h, max: 25000}
rules:
  - {id: pay, allow: transfer, when: {to: {book: payees}, asset: [native, {book: tokens}], usd: {max: 1000}}}
  - {id: trade, allow: swap, when: {recipient: self, slippage_bps: {max: 50, against: oracle}}}
  - {id: wrap, allow: [wrap, unwrap]}
  - {id: earn, allow: [supply, withdraw, repay], when: {on_behalf_of: self}}
  - {id: trusted, allow: [approval, permit], when: {spender: {book: payees}, usd: {max: 500}}}
"""


@lru_cache(maxsize=1)
def kinds() -> dict[str, str]:
    """The address of the contract of each kind."""
    return {kind: f"0x{0xC0DE0000 + number:040x}" for number, kind in enumerate(sorted(BY_KIND), start=1)}


def book_text() -> str:
    """One token or venue of every kind, one payee, one cold account; the account itself is no contract."""
    lines = ["version: 1", f'payees: {{alice: {{address: "{ALICE}", chains: [{CHAIN}]}}}}', "tokens:"]
    for kind, address in kinds().items():
        if kind in TOKEN_KINDS:
            label, decimals = ("usdc", 6) if kind == "erc20" else (kind, 18)
            line = f'  {label}: {{address: "{address}", chains: [{CHAIN}], decimals: {decimals}, kind: {kind}}}'
            lines.append(line)
    lines.append("venues:")
    lines += [
        f'  {kind}: {{address: "{address}", chains: [{CHAIN}], kind: {kind}{", asset: usdc" if kind == VAULT else ""}}}'
        for kind, address in kinds().items()
        if kind not in TOKEN_KINDS
    ]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def bundle() -> PolicyBundle:
    """Policy and book."""
    return PolicyBundle.from_bytes(POLICY.encode(), book_text().encode())


def book() -> Book:
    """The book alone."""
    return bundle().book


@lru_cache(maxsize=1)
def functions() -> tuple[tuple[str, str], ...]:
    """Kind and signature of every function; those that are known anywhere stand with the kind of a token."""
    known = [(kind, function.signature) for kind, found in BY_KIND.items() for function in found]
    return (*known, *(("erc20", function.signature) for function in ANYWHERE))


class Draw:
    """Random values of ABI types, drawn towards the edges; nested calls where bytes may hold them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def call(self, depth: int = 0) -> tuple[str, bytes]:
        """A contract and calldata."""
        kind, signature = self.random.choice(functions())
        return kinds()[kind], self.calldata(signature, depth)

    def calldata(self, signature: str, depth: int = 0) -> bytes:
        """Calldata of a function with arguments drawn."""
        types = argument_types(signature)
        return selector(signature) + encode(types, [self.value(kind, depth) for kind in types])

    def address(self) -> str:
        """Somebody: ourselves, a contract of the book, a payee, the attacker, a router's shorthand."""
        pick: Callable[[], str] = self.random.choice(
            (
                lambda: ACCOUNT,
                lambda: ALICE,
                lambda: ATTACKER,
                lambda: self.random.choice(tuple(kinds().values())),
                lambda: f"0x{self.random.choice((0, 1, 2)):040x}",
            )
        )
        return pick()

    def number(self, bits: int, *, signed: bool = False) -> int:
        """A number that fits, near an edge more often than not."""
        most = 2 ** (bits - signed) - 1
        if self.random.random() < 0.7:
            return min(self.random.choice(NUMBERS), most)
        return self.random.getrandbits(self.random.randint(1, bits - signed))

    def value(self, kind: str, depth: int) -> Any:
        """A value of an ABI type, as eth_abi takes it."""
        if kind.endswith("]"):
            item, inner = kind[: kind.rindex("[")], kind[kind.rindex("[") + 1 : -1]
            count = int(inner) if inner else self.random.choice((0, 1, 1, 2, 3))
            return [self.value(item, depth) for _ in range(count)]
        parsed = parse(kind)
        if isinstance(parsed, TupleType):
            return tuple(self.value(component.to_type_str(), depth) for component in parsed.components)
        if kind == "address":
            return self.address()
        if kind == "bool":
            return self.random.random() < 0.5
        if kind == "string":
            return self.random.choice(("", "alice.eth", "\u202egnp.exe", "x" * 70))
        if kind == "bytes":
            return self.data(depth)
        if kind.startswith("bytes"):
            return self.random.randbytes(int(kind[5:]))
        return self.number(int(kind.lstrip("uint")), signed=kind.startswith("int"))

    def data(self, depth: int) -> bytes:
        """Bytes: nothing, noise, a v3 path, or a call in them."""
        choice = self.random.random()
        if choice < 0.2:
            return b""
        if choice < 0.3:
            return self.random.randbytes(self.random.randint(1, 100))
        if choice < 0.45:
            hops = [bytes.fromhex(self.address()[2:]) for _ in range(self.random.randint(1, 4))]
            return b"\x00\x01\xf4".join(hops)
        if depth >= DEEPEST:
            return b""
        return self.call(depth + 1)[1]
