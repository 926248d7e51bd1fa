"""Effects in words for people: names from the book, amounts in whole units and USD."""

from __future__ import annotations

from ...wallets.values import NATIVE, checksum
from ..book.book import Book
from ..conditions.bounds import write_number
from ..effect import Effect, Kind
from ..facts import Facts
from ..worth import Unknown, in_usd, whole_units, written_usd
from .values import instant

_SENTENCES: dict[Kind, str] = {
    Kind.TRANSFER: "send {amount} to {counterparty}",
    Kind.APPROVAL: "let {counterparty} take {amount}",
    Kind.REVOCATION: "revoke what {counterparty} may take of {asset}",
    Kind.PERMIT: "sign that {counterparty} may take {amount}{deadline}",
    Kind.WRAP: "wrap {amount}",
    Kind.UNWRAP: "unwrap {amount}",
    Kind.SWAP: "sell {amount} for at least {bought} on {target}, to {counterparty}",
    Kind.SUPPLY: "supply {amount} to {target} for {owner}",
    Kind.WITHDRAW: "withdraw {amount} from {target} to {counterparty}",
    Kind.BORROW: "borrow {amount} from {target} for {owner}",
    Kind.REPAY: "repay {amount} to {target} for {owner}",
    Kind.NFT_TRANSFER: "send an NFT of {asset} to {counterparty}",
    Kind.VOTE: "vote at {target}",
    Kind.DELEGATION: "delegate {asset} to {counterparty}",
    Kind.MESSAGE: "sign a message{place}",
    Kind.CALL: "call {target}",
    Kind.DELEGATECALL: "run the code of {target} as this account",
    Kind.CONTRACT_CREATION: "create a contract",
    Kind.SET_CODE: "let this account run the code of {counterparty}",
    Kind.OWNERSHIP_CHANGE: "change the owner of {target}",
    Kind.MODULE_CHANGE: "change the modules of {target}",
    Kind.OPERATOR_APPROVAL: "let {counterparty} take every token of {target}",
    Kind.UNLIMITED_APPROVAL: "let {counterparty} take unlimited {asset}",
    Kind.PULL: "take {amount} from somebody else",
    Kind.RAW_SIGNATURE: "sign a bare hash",
    Kind.UNKNOWN: "do something unknown{site}",
}

_WITHOUT_LIMIT = 1 << 255
"""No token has so much: who writes such an amount means all there will ever be."""


def render_effect(
    effect: Effect, book: Book, chain_id: int, facts: Facts | None = None, *, account: str | None = None
) -> str:
    """One effect as a sentence: ``send 250 usdc (USD 250.00) to alice``. Without facts, without USD.

    ``account`` is called ``ourselves``.
    """
    words = _SENTENCES[effect.kind].format(
        amount=render_amount(effect.asset, effect.amount, book, chain_id, facts, most=not effect.exact),
        asset=_name(effect.asset, book, chain_id),
        bought=render_amount(effect.bought, effect.bought_minimum, book, chain_id, facts),
        target=_name(effect.target, book, chain_id),
        counterparty=_party(effect.counterparty, book, chain_id, account),
        owner=_party(effect.on_behalf_of, book, chain_id, account),
        deadline="" if effect.deadline is None else f" {_until(effect.deadline)}",
        site="" if effect.target is None else f" at {_name(effect.target, book, chain_id)}",
        place="" if effect.target is None else f" for {_name(effect.target, book, chain_id)}",
    )
    notes = [part for part in (effect.note, *effect.unknown) if part]
    return f"{words} ({'; '.join(notes)})" if notes else words


def render_amount(
    asset: str | None,
    base_units: int | None,
    book: Book,
    chain_id: int,
    facts: Facts | None = None,
    *,
    most: bool = False,
) -> str:
    """``250 usdc (USD 250.00)``; base units where the book does not know the asset; ``at most`` for a maximum."""
    if asset is None:
        return "nothing" if base_units is None else str(base_units)
    name = _name(asset, book, chain_id)
    if base_units is None:
        return f"an unknown amount of {name}"
    if base_units >= _WITHOUT_LIMIT:
        return f"an unlimited amount of {name}"
    units = whole_units(asset, base_units, book, chain_id)
    text = f"{base_units} base units of {name}" if isinstance(units, Unknown) else f"{write_number(units)} {name}"
    worth = in_usd(asset, base_units, book, chain_id, facts) if facts is not None else Unknown("the price")
    if not isinstance(worth, Unknown):
        text = f"{text} (USD {written_usd(worth)})"
    return f"at most {text}" if most else text


def _until(deadline: int) -> str:
    words = instant(deadline)
    return words if words == "for ever" else f"until {words}"


def _party(address: str | None, book: Book, chain_id: int, account: str | None) -> str:
    return "ourselves" if address is not None and address == account else _name(address, book, chain_id)


def _name(address: str | None, book: Book, chain_id: int) -> str:
    if address is None:
        return "an unknown address"
    return book.label_of(address, chain_id) or (address if address == NATIVE else checksum(address))
