"""Payment: the Proposal of ``wallet send``, from the words of a person at the command line."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from ...policies.book.book import Book
from ...policies.effect import Kind
from ...policies.proposal import Claim, Proposal
from ...wallets.call import Call
from ...wallets.chain import fee_ceiling
from ...wallets.errors import InvalidValue
from ...wallets.hints import nearest_or_all
from ...wallets.values import NATIVE, hash_words, parse_base_units
from ..bot.bundle import read_bundle
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder

EXPIRES_AFTER = timedelta(hours=2)
"""Time for people to approve (policies ask for an hour) and for the transaction to be included."""


def payment(
    folder: BotFolder, amount: str, token: str, label: str, *, key: str | None, at: str, max_fee_per_gas: int
) -> Proposal:
    """A transfer of ``amount`` whole units of ``token`` to the payee ``label``. Raises InvalidValue naming the nearest
    word.

    ``at``: the guard's time. ``max_fee_per_gas``: wei, as the guard quotes it now. ``key``: what makes the run the same
    run when it is sent again.
    """
    configuration = read_configuration(folder.configuration)
    chain_id = configuration.chain.id
    book = read_bundle(folder, configuration).book
    payees = book.section("payees", chain_id)
    if label not in payees:
        raise InvalidValue(f"no payee is called {label}{nearest_or_all(label, payees)}")
    entry = book.token_by_label(token, chain_id)
    if entry is None:
        raise InvalidValue(f"no token is called {token}{nearest_or_all(token, [*labels_of(book, chain_id), NATIVE])}")
    base_units = to_base_units(amount, entry.decimals, token)
    payee = payees[label]
    if entry.address == NATIVE:
        call = Call(to=payee, value=base_units)
    else:
        call = Call.encode(entry.address, "transfer(address,uint256)", payee, base_units)
    run = hash_words("command", key) if key else uuid.uuid4().hex
    return Proposal(
        chain_id=chain_id,
        account=configuration.wallet.address,
        calls=(call,),
        claims=(Claim(kind=Kind.TRANSFER, asset=entry.address, amount=base_units, counterparty=payee),),
        intent_key=hash_words(configuration.name, run, 0),
        run=run,
        fee_ceiling=fee_ceiling(1, max_fee_per_gas),
        expires_at=datetime.fromisoformat(at) + EXPIRES_AFTER,
        asked_by="command",
        purpose=f"send {amount} {token} to {label}",
    )


_AMOUNT = re.compile(r"[0-9]{1,78}(\.[0-9]{1,78})?")
"""Digits alone: what Decimal takes beside them (exponents, underscores, other scripts) is no way to write money."""


def to_base_units(amount: str, decimals: int, token: str) -> int:
    """Exact base units of a decimal text above zero. Raises InvalidValue where the token has fewer decimals."""
    if not _AMOUNT.fullmatch(amount):
        raise InvalidValue(f"{amount[:80]!r} is no amount: write a number, as in 10 or 0.5")
    value = Decimal(amount)
    if value <= 0:
        raise InvalidValue(f"{amount} is no amount to send: it must be above zero")
    with localcontext(prec=200):  # the default of 28 digits would round large amounts
        scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise InvalidValue(f"{amount} has more decimals than {token}, which has {decimals}")
    return parse_base_units(int(scaled))


def labels_of(book: Book, chain_id: int) -> list[str]:
    """Labels of the tokens of a chain."""
    return [entry.label for entry in book.tokens(chain_id)]
