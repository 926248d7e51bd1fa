"""prove: what each preset can never let through, answered with z3, beside trying the same questions with the engine.

The peer is brute force: every shape of effect that the preset's book makes possible, built as calldata at a ladder of
amounts, and judged. It is what can be had without a solver (Cedar's analyzer is not installable from a registry), and
it is given less to do: a ladder proves nothing between its rungs, and it tries one proposal at a time, so it leaves the
question of outflow over a window out. Both must agree on what they are asked, or nothing is timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from time import perf_counter

from harness import Contest, Figure
from verdict_static import ALICE, BOB, DAI, ROUTER, USDC

from treasurer.policies.analysis.calldata import Numbers, build
from treasurer.policies.analysis.prove.proof import prove
from treasurer.policies.analysis.prove.queries import GivesTo, HasKind, OutflowOver, Query, SlippageOver
from treasurer.policies.analysis.shapes import Shapes
from treasurer.policies.analysis.worlds import AT, World
from treasurer.policies.effect import Kind
from treasurer.policies.kinds import ALLOWABLE
from treasurer.policies.language.bundle import PolicyBundle

PRESETS = ("conservative", "payroll", "market-neutral", "read-only")
DAY_OUT_USD = (25_000, 30_000, 1_500, 0)
LADDER_USD = (Decimal("0.01"), 1, 100, 999, 1_000, 1_001, 5_000, 20_000, 25_000, 100_000)
OWNER, POOL, WETH = (f"0x{number:040x}" for number in (0x7777, 0xAA7E, 0x3E7))
PIN = 'code_hash: "0x' + "c" * 64 + '"'
BOOK = f"""
version: 1
payees:
  alice: {{address: "{ALICE}", chains: [1]}}
  bob: {{address: "{BOB}", chains: [1]}}
venues:
  uniswap-v3: {{address: "{ROUTER}", chains: [1], kind: uniswap-v3-router, {PIN}}}
  aave-v3: {{address: "{POOL}", chains: [1], kind: aave-v3-pool, {PIN}}}
tokens:
  usdc: {{address: "{USDC}", chains: [1], decimals: 6}}
  dai: {{address: "{DAI}", chains: [1], decimals: 18}}
  weth: {{address: "{WETH}", chains: [1], decimals: 18, kind: weth9}}
people:
  owner: {{address: "{OWNER}", may: [approve]}}
"""
QUERIES: tuple[Query, ...] = (
    GivesTo(),
    HasKind(kind=Kind.APPROVAL),
    HasKind(kind=Kind.UNLIMITED_APPROVAL),
    SlippageOver(bps=Decimal(50)),
)


def world(name: str) -> World:
    """A preset with the book."""
    text = (files("treasurer.policies.language") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    return World(PolicyBundle.from_bytes(text.replace("[31337]", "[1]").encode(), BOOK.encode()))


def brute(query: Query, asked: World) -> bool:
    """Whether a rung of the ladder passes for any shape: the peer."""
    shapes = Shapes(asked)
    for kind in query.kinds:
        for shape in shapes.of(kind) if kind in ALLOWABLE else ():
            if not query.speaks_of(shape, asked):
                continue
            token = asked.bundle.book.token(shape.effect.asset or "", shape.chain_id)
            for usd in LADDER_USD if token is not None else (Decimal(1),):
                units = 1 if token is None else int(Decimal(usd) / asked.price(token) * 10**token.decimals)
                proposal = build(asked, shape, Numbers(units), AT)
                if proposal is not None and asked.judge(proposal, AT)[0].decision != "deny":
                    return True
    return False


@contextmanager
def contest() -> Iterator[Contest]:
    """All questions to all presets; ours answers outflow over a day as well, and is timed with it."""
    worlds = [world(name) for name in PRESETS]

    def ours() -> float:
        started = perf_counter()
        for asked, most in zip(worlds, DAY_OUT_USD, strict=True):
            answers = [prove(query, asked) for query in (*QUERIES, OutflowOver(usd=Decimal(most)))]
            if any(answer.answer != "never" for answer in answers):
                raise RuntimeError("a preset lets something through that it should not")
        return perf_counter() - started

    def peer() -> float:
        started = perf_counter()
        if any(brute(query, asked) for asked in worlds for query in QUERIES):
            raise RuntimeError("brute force lets through what was proven never")
        return perf_counter() - started

    yield Contest(ours, peer)


FIGURE = Figure(unit="s", pairs=12, seconds=60, contest=contest)
