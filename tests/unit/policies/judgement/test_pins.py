"""The code at a venue is the code that people signed for: pinned, compared, and away from a devnet never left open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import ContractAccount, Facts, Simulated
from treasurer.policies.judgement.pins import unpinned
from treasurer.policies.observation.reads.reads import reads_of
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call, Operation

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
VENUE, LIBRARY, IMPLEMENTATION = "0x" + "aa" * 20, "0x" + "bb" * 20, "0x" + "cc" * 20
GOOD, BAD = "0x" + "1" * 64, "0x" + "2" * 64


def book(pins: str = "", chain: int = 1) -> Book:
    text = (
        "version: 1\nvenues:\n"
        f'  venue: {{address: "{VENUE}", chains: [{chain}], kind: aave-v3-pool{pins}}}\n'
        f'  library: {{address: "{LIBRARY}", chains: [{chain}], kind: safe-multisend, code_hash: "{GOOD}"}}\n'
    )
    return Book.read(text.encode())


def proposal(*calls: Call, chain: int = 1) -> Proposal:
    return Proposal(
        chain_id=chain, account="0x" + "11" * 20, calls=calls, intent_key="0x" + "0" * 64, run="r", expires_at=NOON
    )


def faults(entries: Book, facts: Facts, asked: Proposal | None = None) -> list[str]:
    effects = [Effect(kind=Kind.SUPPLY, target=VENUE)]
    return [reason.condition for reason in unpinned(effects, asked or proposal(), entries, facts)]


def test_a_venue_without_a_pin_is_refused_away_from_a_devnet() -> None:
    assert faults(book(), Facts(at=NOON)) == ["code_hash"]
    assert faults(book(chain=31337), Facts(at=NOON), proposal(chain=31337)) == []


@pytest.mark.parametrize(
    ("found", "expected"), [({VENUE: GOOD}, []), ({VENUE: BAD}, ["code_hash"]), ({}, ["code_hash"])]
)
def test_the_code_found_is_the_code_pinned(found: dict[str, str], expected: list[str]) -> None:
    assert faults(book(f', code_hash: "{GOOD}"'), Facts(at=NOON, code_hashes=found)) == expected


def test_a_proxy_is_held_to_its_implementation_and_to_that_ones_code() -> None:
    pins = f', code_hash: "{GOOD}", implementation: "{IMPLEMENTATION}", implementation_hash: "{GOOD}"'
    behind = {VENUE: IMPLEMENTATION}
    good = Facts(at=NOON, code_hashes={VENUE: GOOD, IMPLEMENTATION: GOOD}, implementations=behind)
    assert faults(book(pins), good) == []
    upgraded = good.model_copy(update={"implementations": {VENUE: LIBRARY}})
    assert faults(book(pins), upgraded) == ["implementation"]
    other_code = good.model_copy(update={"code_hashes": {VENUE: GOOD, IMPLEMENTATION: BAD}})
    assert faults(book(pins), other_code) == ["implementation_hash"]


def test_the_library_of_a_delegatecall_is_held_to_its_pin_though_no_effect_names_it() -> None:
    asked = proposal(Call(to=LIBRARY, operation=Operation.DELEGATECALL))
    known = {VENUE: GOOD, LIBRARY: BAD}
    assert faults(book(f', code_hash: "{GOOD}"'), Facts(at=NOON, code_hashes=known), asked) == ["code_hash"]


def test_without_a_chain_code_is_not_checked() -> None:
    assert faults(book(), Facts(at=NOON, static=True)) == []


def test_a_wrapper_that_was_believed_is_held_to_its_pin() -> None:
    """The account's own code, and a library deep inside, have no effect of their own."""
    account = "0x" + "11" * 20
    entries = Book.read(
        (
            "version: 1\nvenues:\n"
            f'  mine: {{address: "{account}", chains: [1], kind: safe, code_hash: "{GOOD}"}}\n'
            f'  library: {{address: "{LIBRARY}", chains: [1], kind: safe-multisend, code_hash: "{GOOD}"}}\n'
        ).encode()
    )
    pay = bytes(1) + bytes.fromhex(VENUE[2:]) + (5).to_bytes(32, "big") + bytes(32)
    packed = Call.encode(LIBRARY, "multiSend(bytes)", pay)
    zero = "0x" + "00" * 20
    signature = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
    asked = proposal(Call.encode(account, signature, LIBRARY, 0, packed.data, 1, 0, 0, 0, zero, zero, b""))
    effects = derive_effects(asked, entries)
    assert [effect.kind for effect in effects] == [Kind.TRANSFER]

    def refused(found: dict[str, str]) -> list[str]:
        return [
            reason.message.split(":")[0]
            for reason in unpinned(
                effects,
                asked,
                entries,
                Facts(at=NOON, code_hashes=found, contract_accounts={account: ContractAccount()}),
            )
        ]

    assert refused({account: GOOD, LIBRARY: GOOD}) == []
    assert refused({account: BAD, LIBRARY: GOOD}) == ["mine"]
    assert refused({account: GOOD}) == ["library"]
    assert {account, LIBRARY} <= set(reads_of(entries, asked).code)


SAFE, OWNERS = "0x" + "5a" * 20, ("0x" + "01" * 20, "0x" + "02" * 20)
AS_PINNED = ContractAccount(singleton=LIBRARY, owners=OWNERS, threshold=2)


def account_faults(found: ContractAccount | None, after: ContractAccount | None) -> list[str]:
    text = (
        f'version: 1\nvenues:\n  mine: {{address: "{SAFE}", chains: [31337], kind: safe, '
        f'owners: ["{OWNERS[1]}", "{OWNERS[0]}"], threshold: 2, modules: []}}\n'
    )
    simulated = Simulated(succeeded=True, contract_accounts={} if after is None else {SAFE: after})
    facts = Facts(at=NOON, contract_accounts={} if found is None else {SAFE: found}, simulation=simulated)
    asked = proposal(chain=31337).model_copy(update={"account": SAFE})
    return [reason.condition for reason in unpinned((), asked, Book.read(text.encode()), facts)]


def test_a_contract_account_as_pinned_and_left_so_passes() -> None:
    assert account_faults(AS_PINNED, AS_PINNED) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owners", OWNERS[:1]),
        ("threshold", 1),
        ("modules", (VENUE,)),
        ("guard", VENUE),
        ("fallback_handler", VENUE),
    ],
)
def test_a_contract_account_is_denied_where_it_differs_before_or_after(field: str, value: object) -> None:
    other = AS_PINNED.model_copy(update={field: value})
    assert account_faults(other, other) == [field]
    assert account_faults(AS_PINNED, other) == [field]


def test_a_contract_account_that_cannot_be_read_or_changes_its_code_is_denied() -> None:
    assert account_faults(None, AS_PINNED) == ["contract_account"]
    assert account_faults(AS_PINNED, None) == ["contract_account"]
    assert account_faults(AS_PINNED, AS_PINNED.model_copy(update={"singleton": VENUE})) == ["singleton"]
