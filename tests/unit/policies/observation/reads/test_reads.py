"""Which reads a proposal needs follows from its bytes and the book alone."""

from __future__ import annotations

from datetime import UTC, datetime

from treasurer.policies.book.book import Book
from treasurer.policies.observation.reads import probes
from treasurer.policies.observation.reads.reads import Reads, reads_of
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

ME, ALICE, USDC, WETH, NFT, POOL, FEED = ("0x" + digits * 20 for digits in ("11", "a1", "c0", "e0", "f7", "90", "fe"))
BOOK = Book.read(
    f"""
version: 1
tokens:
  usdc: {{address: "{USDC}", chains: [1], decimals: 6, feed: "{FEED}", heartbeat: 24h}}
  weth: {{address: "{WETH}", chains: [1], decimals: 18, kind: weth9, feed: "{FEED}", heartbeat: 1h}}
  art: {{address: "{NFT}", chains: [1], decimals: 0, kind: erc721}}
  far: {{address: "{ALICE}", chains: [10], decimals: 18}}
venues:
  aave-v3: {{address: "{POOL}", chains: [1], kind: aave-v3-pool}}
""".encode()
)


def reads(*calls: Call) -> Reads:
    return reads_of(
        BOOK,
        Proposal(
            chain_id=1,
            account=ME,
            calls=calls,
            intent_key="0x" + "00" * 32,
            run="r",
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        ),
    )


def test_balances_are_those_of_the_books_tokens_on_this_chain() -> None:
    found = reads(Call(to=ALICE, value=1))
    assert found.portfolio.balances == {
        NATIVE: probes.native_balance(ME),
        USDC: probes.token_balance(USDC, ME),
        WETH: probes.token_balance(WETH, ME),
    }
    assert found.allowances == {}
    assert found.contracts == (ALICE,)


def test_the_book_knows_its_tokens_and_venues_by_chain() -> None:
    assert [token.label for token in BOOK.tokens(1)] == ["usdc", "weth", "art"]
    assert [token.label for token in BOOK.tokens(10)] == ["far"]
    assert [venue.label for venue in BOOK.venues(1)] == ["aave-v3"]
    assert BOOK.wrapped_native(1) == BOOK.token_by_label("weth", 1)
    assert BOOK.wrapped_native(10) is None


def test_a_lent_token_has_its_allowance_its_code_and_its_position_read() -> None:
    approve = Call.encode(USDC, "approve(address,uint256)", POOL, 5)
    supply = Call.encode(POOL, "supply(address,uint256,address,uint16)", USDC, 5, ME, 0)
    found = reads(approve, supply)
    assert found.allowances == {f"{USDC}:{POOL}": probes.allowance(USDC, ME, POOL)}
    assert found.supplies == {USDC: probes.total_supply(USDC)}
    assert set(found.contracts) == set(found.code) == {USDC, POOL}
    assert found.portfolio.pools == (probes.account_data(POOL, ME),)
    assert found.reserves == (probes.reserve_data(POOL, USDC),)


def test_each_read_is_asked_once_and_what_changes_again_afterwards() -> None:
    found = reads(*[Call.encode(USDC, "approve(address,uint256)", POOL, amount) for amount in (1, 2, 3)])
    assert len(set(found.before)) == len(found.before)
    assert set(found.after) < set(found.before)
    assert probes.allowance(USDC, ME, POOL) in found.after
    assert probes.latest_round(FEED) not in found.after
