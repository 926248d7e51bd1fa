"""What is unusual about a call or an effect, in words. It informs; a policy decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ...wallets.values import NATIVE, ZERO_ADDRESS, checksum
from ..book.book import Book
from ..decode.draft.call_node import CallNode
from ..effect import Effect, Kind
from ..facts import Facts
from ..kinds import RECEIVES
from ..proposal import Proposal
from ..worth import EXACT, Unknown, in_usd
from .argument_names import likely_signature
from .values import distance, instant

FAR_SECONDS = 30 * 24 * 3600
"""A signature that works for more than a month outlives the reason for it."""
FAR_FOR_A_SWAP_SECONDS = 24 * 3600
"""Prices of yesterday."""
WIDE_BPS = 100
"""A minimum more than 1 % below the oracle's price invites others to take the difference."""
ALIKE_DIGITS = 4
"""First and last hex digits that wallets show, and that poisoners match."""
_HANDED_OVER = {
    Kind.DELEGATECALL: "foreign code runs as this account: it can take everything",
    Kind.CONTRACT_CREATION: "a contract is created: its code is not known here",
    Kind.SET_CODE: "the account itself would run other code (EIP-7702)",
    Kind.OWNERSHIP_CHANGE: "control over a contract changes hands",
    Kind.MODULE_CHANGE: "modules, guards or handlers of a contract account change",
    Kind.OPERATOR_APPROVAL: "somebody else may move NFTs of the account",
    Kind.UNLIMITED_APPROVAL: "an unlimited approval: all that is there now, and all that ever comes",
    Kind.PULL: "tokens of somebody else are taken",
    Kind.RAW_SIGNATURE: "a bare hash is signed: it may stand for anything, also for a transfer of everything",
}


@dataclass(frozen=True)
class Eye:
    """What an onlooker knows: who acts where, the book (``where`` says what it is called), and the facts."""

    proposal: Proposal
    book: Book
    facts: Facts
    where: str = "the book"

    @property
    def chain_id(self) -> int:
        """The chain of the proposal."""
        return self.proposal.chain_id

    def knows(self, address: str) -> bool:
        """Whether the book has the address, or it is the account."""
        return address == self.proposal.account or self.book.knows(address, self.chain_id)

    def twin(self, address: str) -> str | None:
        """The entry or recent peer that a stranger's address looks like, or None."""
        if address in (NATIVE, ZERO_ADDRESS) or self.knows(address):
            return None
        for section in self.book.sections:
            for label, other in self.book.section(section, self.chain_id).items():
                if _ends(other) == _ends(address):
                    return f"{label} ({checksum(other)})"
        account = self.proposal.account
        if _ends(account) == _ends(address):
            return f"this account ({checksum(account)})"
        alike = (peer for peer in self.facts.peers or () if peer != address and _ends(peer) == _ends(address))
        return next((checksum(peer) for peer in alike), None)


def _ends(address: str) -> tuple[str, str]:
    return address[2 : 2 + ALIKE_DIGITS], address[-ALIKE_DIGITS:]


def unusual_call(eye: Eye, node: CallNode) -> Iterator[str]:
    """What stands out about one call, before its effects."""
    if node.note:
        yield node.note if "canonical" not in node.note else "the calldata is not canonical: readers of it may differ"
    if node.sender != eye.proposal.account:
        yield f"the sender is {_name(eye, node.sender)}, not the account"
    if node.target is None:
        return
    twin = eye.twin(node.target)
    if twin is not None:
        yield f"{checksum(node.target)} looks like {twin} and is not"
    if not eye.knows(node.target) and node.data:
        yield f"the contract {checksum(node.target)} is not in {eye.where}"
    if node.signature is None and len(node.data) >= 4:
        guess = likely_signature(node.data[:4])
        likely = "" if guess is None else f"; its selector is that of {guess}, which anybody may choose"
        yield f"nobody here knows the function 0x{node.data[:4].hex()} of this contract{likely}"


def unusual_effect(eye: Eye, effect: Effect) -> Iterator[str]:
    """What stands out about one effect."""
    words = _HANDED_OVER.get(effect.kind)
    if words is not None:
        yield words
    if effect.note.startswith("value sent to"):
        yield "value is sent to a function that takes none: nobody gives it back"
    yield from _counterparty(eye, effect)
    if effect.kind is Kind.SWAP:
        yield from _minimum(eye, effect)
    yield from _deadline(eye, effect)


def _counterparty(eye: Eye, effect: Effect) -> Iterator[str]:
    address = effect.counterparty
    if effect.kind not in RECEIVES:
        return
    if address is None:
        yield "it goes to nobody in particular: whoever comes first"
        return
    if address == ZERO_ADDRESS:
        yield "it goes to the zero address, where nobody gets it back"
        return
    twin = eye.twin(address)
    if twin is not None:
        yield f"{checksum(address)} looks like {twin} and is not"
    if not eye.knows(address):
        yield f"{checksum(address)} is not in {eye.where}"
    if eye.facts.peers and address != eye.proposal.account and address not in eye.facts.peers:
        yield f"the account has not dealt with {_name(eye, address)} of late"


def _minimum(eye: Eye, effect: Effect) -> Iterator[str]:
    if not effect.bought_minimum:
        yield "the least that must come in return is nothing"
        return
    if effect.asset is None or effect.bought is None or effect.amount is None:
        return
    sold = in_usd(effect.asset, effect.amount, eye.book, eye.chain_id, eye.facts)
    bought = in_usd(effect.bought, effect.bought_minimum, eye.book, eye.chain_id, eye.facts)
    if isinstance(sold, Unknown) or isinstance(bought, Unknown) or not sold:
        return
    lost = EXACT.multiply(EXACT.subtract(sold, bought), Decimal(10_000))
    if lost > EXACT.multiply(sold, Decimal(WIDE_BPS)):
        percent = (lost / sold / 100).quantize(Decimal("0.1"))
        yield f"the least that must come is {percent} % below the price of the oracle"


def _deadline(eye: Eye, effect: Effect) -> Iterator[str]:
    if effect.deadline is None or effect.beside is not None:
        return
    left = effect.deadline - int(eye.facts.at.timestamp())
    far = FAR_FOR_A_SWAP_SECONDS if effect.kind is Kind.SWAP else FAR_SECONDS
    if left < 0:
        yield f"its deadline is past: {instant(effect.deadline)}"
    elif left > far:
        until = instant(effect.deadline)
        yield "it works for ever" if until == "for ever" else f"it works until {until}, {distance(left)} from now"


def unusual_whole(eye: Eye) -> Iterator[str]:
    """What stands out about the proposal as a whole."""
    proposal = eye.proposal
    for item in proposal.authorizations:
        if item.chain_id == 0:
            yield "an authorization of EIP-7702 is valid on every chain"
        if item.address == ZERO_ADDRESS:
            yield "an authorization of EIP-7702 takes the account's code away again"
    domain = None if proposal.typed_data is None else proposal.typed_data.domain
    if domain is not None and str(domain.get("chainId")) != str(proposal.chain_id):
        yield f"the signature is for chain {str(domain.get('chainId'))[:20]}, the proposal for {proposal.chain_id}"


def _name(eye: Eye, address: str) -> str:
    return eye.book.label_of(address, eye.chain_id) or checksum(address)
