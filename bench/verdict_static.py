"""verdict_static: decode and judge ten payments and approvals without a chain, beside cedarpy on an equal policy.

Ours begins at calldata: it decodes, derives effects, judges, and says each reason. Cedar is given what was decoded. The
two must decide the same on every request, or nothing is timed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from environments import PeerMissing, interpreter
from harness import Contest, Figure
from repeated import p50_us

from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

REPEATS = 20
CHAIN_ID = 1
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
ACCOUNT = "0x1111111111111111111111111111111111111101"
ALICE, BOB, MALLORY, STRANGER = (f"0x{number:040x}" for number in (0xA11CE, 0xB0B, 0xBAD, 0xDEAD))
ROUTER = "0x68b3465833fb72a70ecdf485e0e4c7bd8665fc45"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
DAI = "0x6b175474e89094c44da98b954eedeac495271d0f"
ONE_USDC, ONE_DAI, ONE_COIN = 10**6, 10**18, 10**18

BOOK = f"""
version: 1
payees:
  alice: {{address: "{ALICE}", chains: [1]}}
  bob: {{address: "{BOB}", chains: [1]}}
  mallory: {{address: "{MALLORY}", chains: [1]}}
blocked:
  mallory: {{address: "{MALLORY}", chains: [1]}}
venues:
  uniswap-v3: {{address: "{ROUTER}", chains: [1], kind: uniswap-v3-router}}
tokens:
  usdc: {{address: "{USDC}", chains: [1], decimals: 6}}
  dai: {{address: "{DAI}", chains: [1], decimals: 18}}
"""
POLICY = """
version: 1
name: bench
chains: [1]
rules:
  - id: pay
    allow: transfer
    when: {to: {book: payees}, asset: [usdc], amount: {max: 1000}}
  - id: pay-coin
    allow: transfer
    when: {to: {book: payees}, asset: [native], amount: {max: 1}}
  - id: router
    allow: approval
    when: {spender: {book: venues}, asset: [usdc], amount: {max: 1000}}
  - id: blocked
    deny: transfer
    when: {to: {book: blocked}}
"""
CEDAR_POLICY = f"""
permit(principal == Account::"{ACCOUNT}", action == Action::"transfer", resource in Section::"payees")
when {{ context.asset == "{USDC}" && context.amount <= {1000 * ONE_USDC} }};
permit(principal == Account::"{ACCOUNT}", action == Action::"transfer", resource in Section::"payees")
when {{ context.asset == "{NATIVE}" && context.amount <= {ONE_COIN} }};
permit(principal == Account::"{ACCOUNT}", action == Action::"approval", resource in Section::"venues")
when {{ context.asset == "{USDC}" && context.amount <= {1000 * ONE_USDC} }};
forbid(principal, action == Action::"transfer", resource in Section::"blocked");
"""
SECTIONS = {ALICE: ["payees"], BOB: ["payees"], MALLORY: ["payees", "blocked"], ROUTER: ["venues"]}
# Action, asset, amount, to whom. Cedar's numbers end at 2^63, so no amount is larger.
REQUESTS = (
    ("transfer", USDC, 1000 * ONE_USDC, ALICE),
    ("transfer", USDC, 1000 * ONE_USDC + 1, ALICE),
    ("transfer", USDC, 5 * ONE_USDC, BOB),
    ("transfer", USDC, 5 * ONE_USDC, STRANGER),
    ("transfer", USDC, 5 * ONE_USDC, MALLORY),
    ("transfer", DAI, 5 * ONE_DAI, ALICE),
    ("transfer", NATIVE, ONE_COIN, BOB),
    ("transfer", NATIVE, ONE_COIN + 1, BOB),
    ("approval", USDC, 500 * ONE_USDC, ROUTER),
    ("approval", USDC, 500 * ONE_USDC, STRANGER),
)


def proposal(action: str, asset: str, amount: int, to: str) -> Proposal:
    """One request as the calldata that does it."""
    if asset == NATIVE:
        call = Call(to=to, value=amount)
    else:
        function = "transfer" if action == "transfer" else "approve"
        call = Call.encode(asset, f"{function}(address,uint256)", to, amount)
    return Proposal(
        chain_id=CHAIN_ID, account=ACCOUNT, calls=(call,), intent_key="0x" + "0" * 64, run="bench", expires_at=AT
    )


def cedar_request(action: str, asset: str, amount: int, to: str) -> dict[str, Any]:
    """The same request in Cedar's words."""
    return {
        "principal": f'Account::"{ACCOUNT}"',
        "action": f'Action::"{action}"',
        "resource": f'Address::"{to}"',
        "context": {"asset": asset, "amount": amount},
    }


@contextmanager
def contest() -> Iterator[Contest]:
    """Both sides with everything parsed, after they have decided alike."""
    bundle = PolicyBundle.from_bytes(POLICY.encode(), BOOK.encode())
    facts = Facts(at=AT, static=True)
    calls = [partial(judge, bundle.policy, bundle.book, proposal(*request), facts) for request in REQUESTS]
    allowed = [call().decision == "allow" for call in calls]
    ours = partial(p50_us, calls, REPEATS)
    try:
        python = interpreter("cedarpy")
    except PeerMissing as error:
        yield Contest(ours, None, str(error))
        return
    with _worker(python) as ask:
        given = {"policies": CEDAR_POLICY, "entities": _entities(), "requests": [cedar_request(*r) for r in REQUESTS]}
        decided = ask(given)["allowed"]
        if decided != allowed:
            raise RuntimeError(f"the policies are not equal: ours allows {allowed}, Cedar {decided}")
        yield Contest(ours, lambda: float(ask({"repeats": REPEATS})["us"]))


def _entities() -> list[dict[str, Any]]:
    return [
        {"uid": {"type": "Address", "id": address}, "attrs": {}, "parents": [_section(name) for name in names]}
        for address, names in SECTIONS.items()
    ]


def _section(name: str) -> dict[str, str]:
    return {"type": "Section", "id": name}


@contextmanager
def _worker(python: Path) -> Iterator[Any]:
    script = Path(__file__).parent / "cedar_worker.py"
    process = subprocess.Popen([python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def ask(words: dict[str, Any]) -> dict[str, Any]:
        print(json.dumps(words), file=asks, flush=True)
        line = answers.readline()
        if not line:
            raise OSError(f"the worker of cedarpy ended with {process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    try:
        yield ask
    finally:
        asks.close()
        process.wait(timeout=10)
        answers.close()


FIGURE = Figure(unit="us", pairs=60, seconds=30, contest=contest)
