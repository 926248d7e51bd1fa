"""Each preset is lint-clean, and what docs/presets.md says of it is proven; its lines get the verdicts they say."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from treasurer.policies.analysis.lint.lint import lint
from treasurer.policies.analysis.prove.proof import prove
from treasurer.policies.analysis.prove.queries import GivesTo, HasKind, OutflowOver, SlippageOver
from treasurer.policies.analysis.worlds import World
from treasurer.policies.effect import Kind
from treasurer.policies.facts import Simulated
from treasurer.wallets.call import Call

PAGE = Path(__file__).parents[4] / "docs" / "presets.md"
DAY_OUT_USD = {"conservative": 25_000, "payroll": 30_000, "market-neutral": 1_500, "read-only": 0}
NAMES = tuple(DAY_OUT_USD)
LINE = re.compile(r"^\| (.+?) \| (allow|escalate|deny) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_in_a_preset(preset, name: str) -> None:
    assert [str(finding) for finding in lint(preset(name))] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "query",
    [
        GivesTo(),
        HasKind(kind=Kind.UNLIMITED_APPROVAL),
        HasKind(kind=Kind.DELEGATECALL),
        HasKind(kind=Kind.SET_CODE),
        HasKind(kind=Kind.APPROVAL),
        HasKind(kind=Kind.PERMIT),
        SlippageOver(bps=Decimal(50)),
    ],
    ids=lambda query: query.words,
)
def test_what_no_preset_ever_lets_through(preset, name: str, query) -> None:
    answer = prove(query, World(preset(name)))
    assert (answer.answer, bool(answer.forbidden_by)) == ("never", True)


@pytest.mark.parametrize("name", NAMES)
def test_no_preset_ever_lets_out_more_than_its_daily_limit(preset, name: str) -> None:
    world = World(preset(name))
    most = DAY_OUT_USD[name]
    answer = prove(OutflowOver(usd=Decimal(most)), world)
    assert answer.answer == "never"
    if most:
        assert answer.forbidden_by in {("day-out",), ("day-turnover",)}
        almost = prove(OutflowOver(usd=Decimal(most) - 500), world)
        assert almost.answer == "possible", "the limit is what holds it, not something that nobody saw"


def page() -> dict[str, str]:
    parts = re.split(r"^## `([\w-]+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_page_has_a_table_for_each_preset() -> None:
    assert set(page()) == set(NAMES)
    assert all(len(LINE.findall(text)) >= 4 for text in page().values())


@pytest.mark.parametrize(
    ("name", "line", "verdict"), [(name, *row) for name, text in page().items() for row in LINE.findall(text)]
)
def test_each_line_of_the_page_gets_its_verdict(world, preset, name: str, line: str, verdict: str) -> None:
    loaded = preset(name)
    healthy = Simulated(succeeded=True, health_factor_after=Decimal(3))
    pins = {entry.address: entry.code_hash for entry in loaded.book.sections["venues"]}
    facts = world.facts(simulation=healthy, code_hashes=pins)
    assert world.judge(loaded.policy, *calls_of(world)[line], facts=facts).decision == verdict


def calls_of(world) -> dict[str, tuple[Call, ...]]:
    usdc, ether = 10**6, 10**18
    approve = world.approve("usdc", "uniswap-v3", 2500 * usdc)
    return {
        "100 USDC to alice, a payee": (world.transfer("usdc", "alice", 100 * usdc),),
        "1,000 USDC to alice and 1 USDC to bob": (
            world.transfer("usdc", "alice", 1000 * usdc),
            world.transfer("usdc", "bob", usdc),
        ),
        "5,001 USDC to alice": (world.transfer("usdc", "alice", 5001 * usdc),),
        "20,001 USDC to alice": (world.transfer("usdc", "alice", 20_001 * usdc),),
        "30,001 USDC to alice": (world.transfer("usdc", "alice", 30_001 * usdc),),
        "100 DAI to alice": (world.transfer("dai", "alice", 100 * ether),),
        "1 USDC to a stranger": (world.transfer("usdc", world.stranger, usdc),),
        "2,500 USDC for at least 0.997 WETH": (approve, world.swap("usdc", 2500 * usdc, "weth", 997 * 10**15)),
        "2,500 USDC for at least 0.994 WETH": (approve, world.swap("usdc", 2500 * usdc, "weth", 994 * 10**15)),
        "2,500 USDC for WETH to a stranger": (
            approve,
            world.swap("usdc", 2500 * usdc, "weth", 997 * 10**15, world.stranger),
        ),
        "an approval of 5 USDC left open": (world.approve("usdc", "uniswap-v3", 5 * usdc),),
        "an approval taken back": (world.approve("usdc", "uniswap-v3", 0),),
        "500 USDC into Aave": (world.approve("usdc", "aave-v3", 500 * usdc), world.supply("usdc", 500 * usdc)),
        "500 USDC out of Aave, health factor 3 afterwards": (world.withdraw("usdc", 500 * usdc),),
        "500 USDC borrowed, health factor 3 afterwards": (world.borrow("usdc", 500 * usdc),),
    }
