"""nft and vote: which tokens move, and how is voted, as decoded from calldata and signatures."""

from __future__ import annotations

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.conditions import Subject
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.worth import Unknown
from treasurer.wallets.call import Call
from treasurer.wallets.typed_data import TypedData

DEEDS, ITEMS, DAO, OTHER = ("0x" + digits * 20 for digits in ("de", "17", "da", "0e"))
BOOK = f"""version: 1
tokens:
  deeds: {{address: "{DEEDS}", chains: [1], decimals: 0, kind: erc721}}
  items: {{address: "{ITEMS}", chains: [1], decimals: 0, kind: erc1155}}
venues:
  our-dao: {{address: "{DAO}", chains: [1], kind: governor}}
  other-dao: {{address: "{OTHER}", chains: [1], kind: governor}}
"""


@pytest.fixture
def decide(world):
    def _decide(rule: str, *calls: Call, **more) -> str:
        text = f"version: 1\nname: t\nchains: [1]\nrules:\n  - {{id: r, {rule}}}\n"
        bundle = PolicyBundle.from_bytes(text.encode(), BOOK.encode())
        return judge(bundle.policy, bundle.book, world.propose(*calls, **more), world.facts(prices={})).decision

    return _decide


@pytest.mark.parametrize(
    ("nft", "decision"),
    [
        ("{ids: [1, 2]}", "allow"),
        ("{ids: 2}", "allow"),
        ("{ids: [1, 3]}", "deny"),
        ("{collection: deeds}", "allow"),
        ("{collection: [items]}", "deny"),
        ("{collection: items, ids: [2]}", "deny"),
    ],
)
def test_a_deed_goes_by_its_collection_and_its_id(world, decide, nft: str, decision: str) -> None:
    call = Call.encode(DEEDS, "transferFrom(address,address,uint256)", world.account, world.stranger, 2)

    assert decide(f"allow: nft_transfer, when: {{nft: {nft}}}", call) == decision


def test_every_token_of_a_batch_is_one_of_the_ids(world, decide) -> None:
    signature = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
    call = Call.encode(ITEMS, signature, world.account, world.stranger, [1, 2], [1, 1], b"")

    assert decide("allow: nft_transfer, when: {nft: {ids: [1, 2]}}", call) == "allow"
    assert decide("allow: nft_transfer, when: {nft: {ids: [1]}}", call) == "deny"


@pytest.mark.parametrize(
    ("vote", "support", "decision"),
    [
        ("{support: [for, abstain]}", 1, "allow"),
        ("{support: [for, abstain]}", 2, "allow"),
        ("{support: [for, abstain]}", 0, "deny"),
        ("{support: against}", 0, "allow"),
        ("{support: [for, against, abstain]}", 3, "deny"),
        ("{governor: our-dao}", 3, "allow"),
        ("{governor: other-dao}", 1, "deny"),
        ("{governor: [our-dao], support: for}", 1, "allow"),
    ],
)
def test_a_vote_goes_by_governor_and_support(decide, vote: str, support: int, decision: str) -> None:
    call = Call.encode(DAO, "castVote(uint256,uint8)", 77, support)

    assert decide(f"allow: vote, when: {{vote: {vote}}}", call) == decision


@pytest.mark.parametrize(("kind", "support"), [("uint8", 1), ("bool", True)])
def test_a_ballot_that_is_signed_is_a_vote(world, kind: str, support: int | bool) -> None:
    members = [{"name": "proposalId", "type": "uint256"}, {"name": "support", "type": kind}]
    domain = {"name": "Our DAO", "chainId": 1, "verifyingContract": DAO}
    message = {"proposalId": 77, "support": support}
    typed = TypedData(types={"Ballot": members}, primaryType="Ballot", domain=domain, message=message)

    effects = derive_effects(world.propose(typed_data=typed), Book.read(BOOK.encode()))

    assert [(effect.kind, effect.support) for effect in effects] == [(Kind.VOTE, 1)]


@pytest.mark.parametrize(
    ("when", "kind"), [("nft: {ids: [1]}", Kind.NFT_TRANSFER), ("vote: {support: for}", Kind.VOTE)]
)
def test_what_calldata_does_not_tell_is_unknown_and_other_kinds_fail(world, when: str, kind: Kind) -> None:
    condition = world.rules(f"id: r, allow: {kind.value}, when: {{{when}}}").rules[0].when[0]

    def truth(found: Kind):
        effect = world.effect(found, asset=DEEDS, target=DAO)
        return condition.judge(Subject(effect, world.propose(), world.book, world.facts()))

    assert isinstance(truth(kind), Unknown)
    assert truth(Kind.TRANSFER) is False


@pytest.mark.parametrize(
    "when", ["nft: {}", "nft: {ids: []}", "nft: {ids: [-1]}", "vote: {}", "vote: {support: yes}", "vote: {governor: x}"]
)
def test_what_cannot_be_meant_is_a_fault(world, when: str) -> None:
    with pytest.raises(DocumentError):
        world.rules(f"id: r, allow: [vote, nft_transfer], when: {{{when}}}")
