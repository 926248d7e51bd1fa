"""The book: the only place where a name becomes an address."""

from __future__ import annotations

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.errors import DocumentError

USDC = '"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"'
ALICE = '"0xa11Ce00000000000000000000000000000000a11"'
BOB = '"0xb0B0000000000000000000000000000000000B0B"'


def fault(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        Book.read(("version: 1\n" + text).encode())
    return "\n".join(caught.value.faults)


def test_a_label_is_an_address_on_its_chains_alone(world) -> None:
    assert set(world.book.section("payees", 1)) == {"alice", "bob"}
    assert set(world.book.section("payees", 10)) == {"abroad"}
    assert world.book.section("payees", 5) == {}
    assert world.book.label_of(world.at("abroad"), 1) is None
    assert not world.book.knows(world.at("abroad"), 1)


def test_tokens_and_venues_are_found_by_address_and_label(world) -> None:
    usdc = world.book.token_by_label("usdc", 1)
    assert usdc is not None
    assert (usdc.decimals, world.book.token(usdc.address, 1), world.book.token(usdc.address, 10)) == (6, usdc, None)
    venue = world.book.venue(world.at("aave-v3"), 1)
    assert venue is not None
    assert venue.kind == "aave-v3-pool"


def test_native_is_the_chains_coin_everywhere(world) -> None:
    native = world.book.token("native", 8453)
    assert native is not None
    assert (native.decimals, native, world.book.label_of("native", 1)) == (
        18,
        world.book.token_by_label("native", 1),
        "native",
    )


def test_sections_of_the_users_own_are_allowed(world) -> None:
    assert world.book.has("blocked", world.at("mallory"), 1)


def test_people_are_known_on_every_chain_and_say_what_they_may(world) -> None:
    assert world.book.people["ben"].may == ("approve", "stop")
    assert world.book.knows(world.book.people["ben"].address, 424242)


def test_one_label_may_have_another_address_on_another_chain() -> None:
    book = Book.read(
        f"version: 1\ntokens: {{usdc: [{{address: {USDC}, chains: [1], decimals: 6}}, "
        f"{{address: {ALICE}, chains: [10], decimals: 8}}]}}".encode()
    )
    tokens = [book.token_by_label("usdc", chain) for chain in (1, 10)]
    assert [token.decimals for token in tokens if token] == [6, 8]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"payees: {{alice: {{address: {ALICE.strip(chr(34))}, chains: [1]}}}}", "quote it in the book"),
        (f"payees: {{native: {{address: {ALICE}, chains: [1]}}}}", "native is a word of the policy language"),
        (f"payees: {{self: {{address: {ALICE}, chains: [1]}}}}", "self is a word of the policy language"),
        (f"native: {{a: {{address: {ALICE}, chains: [1]}}}}", "call the section something else"),
        (f"payees: {{alice: {{adress: {ALICE}, chains: [1]}}}}", 'did you mean "address"?'),
        (f"payees: {{alice: {{address: {ALICE}}}}}", '"chains" is missing'),
        (f"payees: {{alice: {{address: {ALICE}, chains: []}}}}", "at least 1 item"),
        (f"payees: {{alice: {{address: {ALICE}, chains: [1], label: x}}}}", "the name before the entry"),
        ('payees: {alice: {address: "0xA11Ce00000000000000000000000000000000a11", chains: [1]}}', "checksum"),
        (f"payees: {{alice: {ALICE}}}", "an entry is a mapping"),
        ("payees: [alice]", "a section maps labels to entries"),
        (f"tokens: {{usdc: {{address: {USDC}, chains: [1]}}}}", '"decimals" is missing'),
        (f"tokens: {{usdc: {{address: {USDC}, chains: [1], decimals: 200}}}}", "must be less than or equal to 77"),
        (f"tokens: {{usdc: {{address: {USDC}, chains: [1], decimals: six}}}}", "a whole number is expected"),
        (
            f"people: {{ann: {{address: {ALICE}, may: [spend]}}}}",
            '"spend" is not known here; write approve or',
        ),
        (f"people: {{ann: {{address: {ALICE}}}, ben: {{address: {ALICE}}}}}", "one key"),
        (f"payees: {{bad label: {{address: {ALICE}, chains: [1]}}}}", "a label is letters, digits"),
    ],
)
def test_a_wrong_book_is_a_fault_with_its_line(text: str, words: str) -> None:
    found = fault(text)
    assert words in found
    assert found.startswith("book.yaml:2:")


def test_one_token_cannot_have_two_names() -> None:
    entry = f"{{address: {USDC}, chains: [1], decimals: 6}}"
    assert "are one address on chain 1" in fault(f"tokens: {{usdc: {entry}, dollar: {entry}}}")


def test_one_label_cannot_have_two_addresses_on_a_chain() -> None:
    found = fault(f"payees: {{a: [{{address: {ALICE}, chains: [1]}}, {{address: {BOB}, chains: [1, 10]}}]}}")
    assert "two entries on chain 1" in found


def test_the_version_is_required() -> None:
    with pytest.raises(DocumentError, match="expected version: 1"):
        Book.read(b"payees: {}")


def test_a_chain_has_one_token_that_wraps_its_coin() -> None:
    wraps = "chains: [1], decimals: 18, kind: weth9"
    twice = f"tokens: {{weth: {{address: {USDC}, {wraps}}}, other: {{address: {ALICE}, {wraps}}}}}"
    assert "other and weth both wrap the coin of chain 1" in fault(twice)
