"""Probes: single reads of a chain's state that ride along in a simulation, and what their answers mean.

A probe is a call; equal probes are one read. Some ask contracts that exist in the simulation alone, put there by a
state override: two answer BALANCE and EXTCODEHASH of the address they are given, two ask a second question with what
the first one answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ....wallets.call import selector
from ....wallets.eip712 import word

WORD = 32
_BALANCE_READER = "0x00000000000000000000000000007265616465b1"
_CODE_HASH_READER = "0x00000000000000000000000000007265616465b2"
_PREVIOUS_ROUND_READER = "0x00000000000000000000000000007265616465b3"
_NAME_READER = "0x00000000000000000000000000007265616465b4"
_CODE_READER = "0x00000000000000000000000000007265616465b6"
STORAGE_READER = "0x6000355460005260206000f3"
"""The same with SLOAD, put in a contract's own place once the calls have run."""
READERS = {
    _BALANCE_READER: {"code": "0x6000353160005260206000f3"},
    _CODE_HASH_READER: {"code": "0x6000353f60005260206000f3"},
    _CODE_READER: {"code": "0x6020600060006000353c60206000f3"},
    _PREVIOUS_ROUND_READER: {
        "code": "0x63feaf968c60e01b60005260206000600460006000355afa15604a576001600051036"
        "39a6fc8f560e01b60005260045260006000602460006000355afa15604a573d6000803e3d6000f35b60006000fd"
    },
    _NAME_READER: {
        "code": "0x630178b8bf60e01b60005260203560045260206000602460006000355afa15604e57600051"
        "633b3b57de60e01b6000526020356004526000600060246000845afa15604e573d6000803e3d6000f35b60006000fd"
    },
}
"""The first two: PUSH1 0, CALLDATALOAD, BALANCE or EXTCODEHASH, then the word is returned. The third copies the first
word of an address's code. The fourth calls latestRoundData() of the contract in word 0, and returns what its
getRoundData(uint80) says of the round before that. The last calls resolver(bytes32) of the contract in word 0 with word
1, and returns what addr(bytes32) of that resolver says of word 1. They revert where a call does. No account has these
addresses.
"""

_DESIGNATOR = bytes.fromhex("ef0100")
_BALANCE_OF = selector("balanceOf(address)")
_ALLOWANCE = selector("allowance(address,address)")
_KEPT_ALLOWANCE = selector("allowance(address,address,address)")
_BORROW_ALLOWANCE = selector("borrowAllowance(address,address)")
_TOTAL_SUPPLY = selector("totalSupply()")
_DECIMALS = selector("decimals()")
_LATEST_ROUND_DATA = selector("latestRoundData()")
_TOKEN0, _TOKEN1 = selector("token0()"), selector("token1()")
_OBSERVE = selector("observe(uint32[])")
_RESOLVER = selector("resolver(bytes32)")
_GET_USER_ACCOUNT_DATA = selector("getUserAccountData(address)")
_GET_RESERVE_DATA = selector("getReserveData(address)")


@dataclass(frozen=True, slots=True)
class Probe:
    """A read-only call: a contract and calldata."""

    to: str
    data: bytes


def native_balance(account: str) -> Probe:
    """Wei of an account."""
    return Probe(_BALANCE_READER, word(account))


def code_hash(address: str) -> Probe:
    """keccak-256 of the code at an address (EIP-1052); zero where nothing was ever there."""
    return Probe(_CODE_HASH_READER, word(address))


def code_start(address: str) -> Probe:
    """The first 32 bytes of the code at an address, filled up with zeros."""
    return Probe(_CODE_READER, word(address))


def token_balance(token: str, account: str) -> Probe:
    """Base units of a token (EIP-20)."""
    return Probe(token, _BALANCE_OF + word(account))


def allowance(token: str, owner: str, spender: str) -> Probe:
    """Base units that ``spender`` may take of ``owner``'s (EIP-20)."""
    return Probe(token, _ALLOWANCE + word(owner) + word(spender))


def kept_allowance(keeper: str, owner: str, token: str, spender: str) -> Probe:
    """What Permit2 lets ``spender`` take: base units, the second until which it holds, a nonce (IAllowanceTransfer)."""
    return Probe(keeper, _KEPT_ALLOWANCE + word(owner) + word(token) + word(spender))


def borrow_allowance(debt_token: str, owner: str, delegatee: str) -> Probe:
    """Base units that ``delegatee`` may borrow on ``owner``'s account (Aave v3, ICreditDelegationToken)."""
    return Probe(debt_token, _BORROW_ALLOWANCE + word(owner) + word(delegatee))


def total_supply(token: str) -> Probe:
    """Base units of a token in all (EIP-20)."""
    return Probe(token, _TOTAL_SUPPLY)


def latest_round(feed: str) -> Probe:
    """A price feed's newest answer: five words (Chainlink, AggregatorV3Interface)."""
    return Probe(feed, _LATEST_ROUND_DATA)


def decimals(contract: str) -> Probe:
    """Decimals of a feed's answer, or of a token."""
    return Probe(contract, _DECIMALS)


def previous_round(feed: str) -> Probe:
    """The answer before a price feed's newest: five words, as ``latest_round``. None for the first round of a feed."""
    return Probe(_PREVIOUS_ROUND_READER, word(feed))


def pool_tokens(pool: str) -> tuple[Probe, Probe]:
    """The two tokens of a Uniswap pool, in the order of their addresses."""
    return Probe(pool, _TOKEN0), Probe(pool, _TOKEN1)


def tick_cumulatives(pool: str, start_seconds: int, end_seconds: int) -> Probe:
    """A Uniswap v3 pool's tick cumulatives so many seconds ago (IUniswapV3PoolDerivedState, observe)."""
    return Probe(pool, _OBSERVE + b"".join(map(word, (WORD, 2, start_seconds, end_seconds))))


def resolver(registry: str, node: bytes) -> Probe:
    """The resolver of an ENS name by its hash (EIP-137); zero where it has none."""
    return Probe(registry, _RESOLVER + node)


def resolved(registry: str, node: bytes) -> Probe:
    """The address that the resolver of an ENS name gives it (EIP-137)."""
    return Probe(_NAME_READER, word(registry) + node)


def account_data(pool: str, account: str) -> Probe:
    """Aave v3's view of an account: collateral, debt, available (USD, 8 decimals), threshold, LTV, health factor."""
    return Probe(pool, _GET_USER_ACCOUNT_DATA + word(account))


def reserve_data(pool: str, asset: str) -> Probe:
    """Aave v3's view of an asset: its aToken, stable and variable debt tokens are the words 8, 9 and 10."""
    return Probe(pool, _GET_RESERVE_DATA + word(asset))


class Answers:
    """What probes answered. One that reverted, or answered less than was asked, has no answer: never zero."""

    def __init__(self, answers: Mapping[Probe, bytes]) -> None:
        self._answers = answers

    def words(self, probe: Probe, count: int) -> tuple[int, ...] | None:
        """The first ``count`` words of the answer, or None."""
        data = self._answers.get(probe, b"")
        if len(data) < count * WORD:
            return None
        return tuple(int.from_bytes(data[i * WORD : (i + 1) * WORD], "big") for i in range(count))

    def number(self, probe: Probe) -> int | None:
        """The answer's first word, or None."""
        words = self.words(probe, 1)
        return None if words is None else words[0]

    def numbers(self, asked: Mapping[str, Probe]) -> dict[str, int]:
        """The numbers by what they tell; what has no answer is left out."""
        found = {key: self.number(probe) for key, probe in asked.items()}
        return {key: number for key, number in found.items() if number is not None}

    def addresses(self, probe: Probe) -> tuple[str, ...] | None:
        """The answer's first value, an ABI list of addresses; None where it is none."""
        data = self._answers.get(probe, b"")
        start = int.from_bytes(data[:WORD], "big")
        if len(data) < start + WORD:
            return None
        count = int.from_bytes(data[start : start + WORD], "big")
        if len(data) < start + WORD + count * WORD:
            return None
        words = (data[start + (i + 1) * WORD : start + (i + 2) * WORD] for i in range(count))
        return tuple("0x" + item[-20:].hex() for item in words)

    def delegate(self, probe: Probe) -> str | None:
        """Of a ``code_start`` probe: see ``delegate_of``."""
        return delegate_of(self._answers.get(probe, b""))

    def hash(self, probe: Probe) -> str | None:
        """The answer's first word as 32-byte hex text, or None."""
        number = self.number(probe)
        return None if number is None else f"0x{number:064x}"

    def health_factor(self, probe: Probe) -> Decimal | None:
        """Of an ``account_data`` probe; an account without debt has about 1e59."""
        words = self.words(probe, 6)
        return None if words is None else Decimal(words[5]).scaleb(-18)

    def net_usd(self, probe: Probe) -> Decimal | None:
        """Collateral less debt of an ``account_data`` probe, in USD."""
        words = self.words(probe, 6)
        return None if words is None else Decimal(words[0] - words[1]).scaleb(-8)

    def position_tokens(self, probe: Probe) -> frozenset[str]:
        """The tokens that stand for a position, of a ``reserve_data`` probe."""
        words = self.words(probe, 11) or ()
        return frozenset(f"0x{number:040x}" for number in words[8:11] if 0 < number < 2**160)


def delegate_of(code: bytes) -> str | None:
    """Whose code a plain account runs (EIP-7702), by its own; None where that is no designator.

    No other code begins with the byte 0xef (EIP-3541).
    """
    delegate = code[len(_DESIGNATOR) :][:20]
    return "0x" + delegate.hex() if code.startswith(_DESIGNATOR) and len(delegate) == 20 else None
