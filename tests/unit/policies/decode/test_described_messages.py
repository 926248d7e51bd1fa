"""A message that a signed descriptor (ERC-7730) describes is a message, with the descriptor's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Kind
from treasurer.policies.proposal import Proposal

CLUB = "0x7777777777777777777777777777777777777707"
ACCOUNT = "0x1111111111111111111111111111111111111101"
BOOK = f'version: 1\nvenues:\n  club: {{address: "{CLUB}", chains: [1], kind: own, abi: club}}\n'
TYPES = {
    "Join": [{"name": "member", "type": "Member"}, {"name": "fee", "type": "uint256"}],
    "Member": [{"name": "name", "type": "string"}, {"name": "account", "type": "address"}],
}


def _book() -> Book:
    deployments = [{"chainId": 1, "address": CLUB}]
    schemas = [{"primaryType": "Join", "types": {"EIP712Domain": [], **TYPES}}]
    fields = [
        {"path": "member.name", "label": "Name", "format": "raw"},
        {"path": "fee", "label": "Fee", "format": "raw"},
    ]
    display = {"formats": {"Join": {"intent": "Join the club", "fields": fields}}}
    document = {"context": {"eip712": {"schemas": schemas, "deployments": deployments}}, "display": display}
    return Book.read(BOOK.encode(), attachments={"abis/club.json": json.dumps(document).encode()})


def _join(contract: str = CLUB, chain_id: int = 1, **more: Any) -> dict[str, Any]:
    message = {"member": {"name": "Ann", "account": ACCOUNT}, "fee": "5", **more}
    domain = {"chainId": chain_id, "verifyingContract": contract}
    return {"types": TYPES, "primaryType": "Join", "domain": domain, "message": message}


def _effects(typed_data: dict[str, Any]) -> Any:
    plain = {"chain_id": 1, "account": ACCOUNT, "intent_key": "0x" + "00" * 32, "run": "run"}
    proposal = Proposal.model_validate(
        plain | {"expires_at": datetime(2027, 1, 1, tzinfo=UTC), "typed_data": typed_data}
    )
    return derive_effects(proposal, _book())


def test_it_is_a_message_in_the_words_of_its_file() -> None:
    (effect,) = _effects(_join())
    assert (effect.kind, effect.target, effect.note) == (Kind.MESSAGE, CLUB, "Join the club: Name Ann, Fee 5")


def test_on_another_contract_or_chain_or_not_to_the_letter_it_is_unknown() -> None:
    assert [effect.kind for effect in _effects(_join(contract=ACCOUNT))] == [Kind.UNKNOWN]
    assert [effect.kind for effect in _effects(_join(extra="1"))] == [Kind.UNKNOWN]
    assert [effect.kind for effect in _effects(_join(chain_id=10))] == [Kind.MESSAGE, Kind.UNKNOWN]
    other = {**_join(), "types": {**TYPES, "Join": [*TYPES["Join"], {"name": "more", "type": "bool"}]}}
    assert [effect.kind for effect in _effects(other)] == [Kind.UNKNOWN]
