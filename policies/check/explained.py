"""explained: from a line, a node's answer or raw bytes to an Explanation, with a verdict where there is a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from ...wallets.call import Authorization, Call
from ...wallets.errors import InvalidValue
from ...wallets.raw_transaction import RawTransaction
from ...wallets.values import NATIVE, checksum, parse_address
from ..book.attachments import read_attachments
from ..book.book import Book
from ..documents.yaml_document import read_file
from ..errors import PolicyError
from ..explain.explanation import Explanation, Named
from ..explain.reasons import reason_line
from ..explain.tree import explain
from ..explain.well_known import well_known
from ..facts import Facts, Price
from ..judgement.judge import judge
from ..language.bundle import PolicyBundle
from ..proposal import Proposal
from .check import NOT_HELD, read_numbers
from .proposal_line import NO_KEY, Malformed, read_line

Observe = Callable[[Proposal, Book, datetime], Facts]


@dataclass(frozen=True)
class Source:
    """A proposal to explain, the time to explain it at, and what its transaction says beside it."""

    proposal: Proposal
    at: datetime
    transaction: tuple[Named, ...] = ()

    @classmethod
    def of_line(cls, line: bytes) -> Self:
        """A line as ``policy check`` takes it. Raises InvalidValue."""
        try:
            read = read_line(line)
        except Malformed as error:
            raise InvalidValue(f"no proposal can be read: {error}") from error
        return cls(read.proposal, read.at)

    @classmethod
    def of_raw(
        cls, raw: RawTransaction, at: datetime, *, sender: str | None = None, chain_id: int | None = None
    ) -> Self:
        """The bytes of a transaction. Raises InvalidValue where they and the options do not say who and where."""
        account = raw.sender or (None if sender is None else parse_address(sender))
        chain = raw.chain_id or chain_id
        if account is None:
            raise InvalidValue("the transaction is not signed, so it has no sender: name it with --from 0x..")
        if chain is None:
            raise InvalidValue("the transaction names no chain: name it with --chain N")
        if sender is not None and parse_address(sender) != account:
            raise InvalidValue(f"the transaction is signed by {checksum(account)}, not by {sender}: leave out --from")
        if chain_id is not None and chain_id != chain:
            raise InvalidValue(f"the transaction is for chain {chain}, not for {chain_id}: leave out --chain")
        worst = Decimal(raw.gas_limit * raw.fee).scaleb(-18).normalize()
        told = [
            Named(name="nonce", value=str(raw.nonce)),
            Named(name="gas", value=f"{raw.gas_limit} at {raw.fee} wei at most: {worst:f} of the chain's coin"),
        ]
        signers = "signed" if raw.sender else "not signed"
        told.append(Named(name="type", value=f"{raw.kind}, {signers}"))
        if any(item.nonce == raw.nonce + 1 and item.chain_id in (0, chain) for item in raw.authorizations):
            words = "its nonce is the next of the sender: the sender's own account would run the code (EIP-7702)"
            told.append(Named(name="authorization", value=words))
        proposal = _proposal(chain, account, raw.call, raw.authorizations, at)
        return cls(proposal, at, tuple(told))

    @classmethod
    def of_answer(cls, answer: dict[str, Any], at: datetime) -> Self:
        """What eth_getTransactionByHash answers. Raises InvalidValue."""
        try:
            raw = RawTransaction(
                kind=int(answer.get("type", "0x0"), 16),
                chain_id=int(answer["chainId"], 16),
                sender=answer["from"],
                nonce=int(answer["nonce"], 16),
                gas_limit=int(answer["gas"], 16),
                fee=int(answer.get("maxFeePerGas") or answer["gasPrice"], 16),
                call=Call(to=answer["to"], value=int(answer["value"], 16), data=answer["input"]),
                authorizations=tuple(
                    Authorization(
                        chain_id=int(item["chainId"], 16), address=item["address"], nonce=int(item["nonce"], 16)
                    )
                    for item in answer.get("authorizationList") or ()
                ),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidValue(f"the node's transaction cannot be read: {error}"[:300]) from error
        source = cls.of_raw(raw, at)
        block = answer.get("blockNumber")
        where = "waiting" if block is None else f"in block {int(block, 16)}"
        return replace(source, transaction=(*source.transaction, Named(name="state", value=where)))


def _proposal(
    chain_id: int, account: str, call: Call, authorizations: tuple[Authorization, ...], at: datetime
) -> Proposal:
    return Proposal(
        chain_id=chain_id,
        account=account,
        calls=(call,),
        authorizations=authorizations,
        intent_key=NO_KEY,
        run="policy explain",
        expires_at=at,
    )


@dataclass(frozen=True)
class Explainer:
    """Explains by a policy and its book, by a book alone, or by what the registry of the chain names."""

    bundle: PolicyBundle | None
    book: Book | None
    prices: dict[str, Decimal]

    @classmethod
    def read(cls, policy: Path | None, book: Path | None, prices: Path | None) -> Self:
        """From the files that are given. Raises PolicyError where one does not load."""
        numbers = {} if prices is None else read_numbers(read_file(prices), str(prices))
        if policy is not None:
            bundle = PolicyBundle.read(policy, book)
            return cls(bundle, bundle.book, numbers)
        if book is None:
            return cls(None, None, numbers)
        return cls(None, Book.read(read_file(book), str(book), read_attachments(book.parent)), numbers)

    @property
    def has_book(self) -> bool:
        """Whether there is a book of somebody's own, for which a chain can be read."""
        return self.book is not None

    def explain(self, source: Source, observe: Observe | None = None) -> Explanation:
        """The explanation, and the verdict where there is a policy. Raises ChainError where the chain is not read."""
        proposal = source.proposal
        book = self.book or well_known(proposal.chain_id)
        facts = self._facts(source, book, observe)
        where = "the book" if self.has_book else "the registry that comes along (no --book was given)"
        told = explain(proposal, book, facts, where=where).model_copy(update={"transaction": source.transaction})
        if self.bundle is None:
            return told
        verdict = judge(self.bundle.policy, book, proposal, facts)
        reasons = tuple(reason_line(reason.model_dump()) for reason in verdict.reasons)
        digest = proposal.approvable(self.bundle.cid).model_copy(update={"expiry": 0}).digest()
        return told.model_copy(update={"verdict": verdict.decision, "reasons": reasons, "digest": digest})

    def _facts(self, source: Source, book: Book, observe: Observe | None) -> Facts:
        chain_id = source.proposal.chain_id
        prices = {}
        for label, usd in self.prices.items():
            token = book.token_by_label(label, chain_id)
            if token is not None:
                prices[token.address] = Price(usd=usd, source="given")
            elif label != NATIVE and label not in book.labels("tokens"):
                raise PolicyError(f'the book has no token "{label}", which was given a price')
        if observe is None:
            return Facts(at=source.at, static=True, prices=prices, not_held=NOT_HELD)
        facts = observe(source.proposal, book, source.at)
        update = {"at": source.at, "not_held": NOT_HELD, "fees": None, "prices": {**facts.prices, **prices}}
        return facts.model_copy(update=update)
