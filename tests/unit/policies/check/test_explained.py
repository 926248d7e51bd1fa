"""What can be explained: bytes, a node's answer, a book with its files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.check.explained import Explainer, Source
from treasurer.wallets.call import Authorization, Call
from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.raw_transaction import RawTransaction

AT = datetime(2026, 11, 24, tzinfo=UTC)
SENDER = "0x" + "a1" * 20
CLUB = "0x" + "c7" * 20
ANSWER: dict[str, Any] = {
    "type": "0x2",
    "chainId": "0x1",
    "from": SENDER,
    "nonce": "0x7",
    "gas": "0x5208",
    "maxFeePerGas": "0x3",
    "to": CLUB,
    "value": "0x5",
    "input": "0x",
    "blockNumber": None,
}


def _raw(**changed: Any) -> RawTransaction:
    plain = {"kind": 4, "chain_id": 1, "sender": SENDER, "nonce": 7, "gas_limit": 9, "fee": 2, "call": Call(to=CLUB)}
    return RawTransaction.model_validate(plain | changed)


def _told(source: Source) -> dict[str, str]:
    return {item.name: item.value for item in source.transaction}


@pytest.mark.parametrize(("chain_id", "nonce", "own"), [(1, 8, True), (0, 8, True), (10, 8, False), (1, 7, False)])
def test_an_authorization_that_only_the_sender_can_use_now_is_named(chain_id: int, nonce: int, own: bool) -> None:
    code = Authorization(chain_id=chain_id, address=CLUB, nonce=nonce)
    assert ("authorization" in _told(Source.of_raw(_raw(authorizations=(code,)), AT))) is own


def test_who_and_where_must_be_said_once_and_alike() -> None:
    unsigned = _raw(sender=None, chain_id=None)
    source = Source.of_raw(unsigned, AT, sender=SENDER, chain_id=10)
    assert (source.proposal.account, source.proposal.chain_id) == (SENDER, 10)
    for raw, options in (
        (unsigned, {"chain_id": 1}),
        (unsigned, {"sender": SENDER}),
        (_raw(), {"sender": CLUB}),
        (_raw(), {"chain_id": 10}),
    ):
        with pytest.raises(InvalidValue):
            Source.of_raw(raw, AT, **options)  # type: ignore[arg-type]


def test_a_node_s_answer_says_whether_it_waits() -> None:
    waiting, included = (Source.of_answer({**ANSWER, "blockNumber": number}, AT) for number in (None, "0x10"))
    assert (_told(waiting)["state"], _told(included)["state"]) == ("waiting", "in block 16")
    assert waiting.proposal.calls == (Call(to=CLUB, value=5),)
    for name in ("from", "input", "value", "chainId"):
        with pytest.raises(InvalidValue):
            Source.of_answer({**ANSWER, name: None}, AT)


def test_a_book_alone_brings_the_names_of_its_abi_files(tmp_path: Path) -> None:
    (tmp_path / "abis").mkdir()
    inputs = [{"name": "member", "type": "address"}, {"name": "fee", "type": "uint256"}]
    function = {"type": "function", "name": "join", "stateMutability": "nonpayable", "inputs": inputs}
    (tmp_path / "abis" / "club.json").write_text(json.dumps([function]))
    venue = f'version: 1\nvenues:\n  club: {{address: "{CLUB}", chains: [1], kind: own, abi: club}}\n'
    (tmp_path / "book.yaml").write_text(venue)
    call = Call.encode(CLUB, "join(address,uint256)", SENDER, 5)

    told = Explainer.read(None, tmp_path / "book.yaml", None).explain(Source.of_raw(_raw(call=call), AT))

    assert [(item.name, item.value) for item in told.calls[0].arguments] == [("member", "ourselves"), ("fee", "5")]
