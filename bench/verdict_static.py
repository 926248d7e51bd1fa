"""verdict_static: decode and judge ten payments and approvals without a chain, beside cedarpy on an equal policy.

Policies of 2, 20 and 200 rules. Beyond the first four, each rule pays one supplier, who is in no request: such rules
only cost. Ours begins at calldata: it decodes, derives effects and judges. Cedar is given what was decoded. The two
must decide the same on every request, or nothing is timed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from environments import PeerMissing, interpreter
from harness import Contest, Figure
from repeated import p50_us

from treasurer.policies.book.book import Book
from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.language.policy import Policy
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Way = Literal["parsed", "text"]
"""How cedarpy is given policy and entities: parsed once (its quickest documented way), or as its README shows it, as
text at each call.
"""
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
# Each rule twice, in our words and in Cedar's. The first four are those that the requests are about.
RULES = (
    (
        "{id: pay, allow: transfer, when: {to: {book: payees}, asset: [usdc], amount: {max: 1000}}}",
        f"""permit(principal == Account::"{ACCOUNT}", action == Action::"transfer", resource in Section::"payees")
        when {{ context.asset == "{USDC}" && context.amount <= {1000 * ONE_USDC} }};""",
    ),
    (
        "{id: router, allow: approval, when: {spender: {book: venues}, asset: [usdc], amount: {max: 1000}}}",
        f"""permit(principal == Account::"{ACCOUNT}", action == Action::"approval", resource in Section::"venues")
        when {{ context.asset == "{USDC}" && context.amount <= {1000 * ONE_USDC} }};""",
    ),
    (
        "{id: pay-coin, allow: transfer, when: {to: {book: payees}, asset: [native], amount: {max: 1}}}",
        f"""permit(principal == Account::"{ACCOUNT}", action == Action::"transfer", resource in Section::"payees")
        when {{ context.asset == "{NATIVE}" && context.amount <= {ONE_COIN} }};""",
    ),
    (
        "{id: blocked, deny: transfer, when: {to: {book: blocked}}}",
        """forbid(principal, action == Action::"transfer", resource in Section::"blocked");""",
    ),
)
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


def supplier(number: int) -> str:
    """The address of a supplier, whom one rule pays and no request names."""
    return f"0x{0x5000 + number:040x}"


def documents(rules: int) -> tuple[str, str, str]:
    """A policy of so many rules, its book, and the equal policy in Cedar's words."""
    pairs = [*RULES[:rules], *(_supplier_rule(number) for number in range(rules - len(RULES)))]
    suppliers = "".join(
        f'  s{number}: {{address: "{supplier(number)}", chains: [1]}}\n' for number in range(rules - len(RULES))
    )
    policy = "version: 1\nname: bench\nchains: [1]\nrules:\n" + "".join(f"  - {ours}\n" for ours, _ in pairs)
    return policy, BOOK + (f"suppliers:\n{suppliers}" if suppliers else ""), "\n".join(cedar for _, cedar in pairs)


def _supplier_rule(number: int) -> tuple[str, str]:
    most = 100 + number
    return (
        f"{{id: pay-s{number}, allow: transfer, when: {{to: s{number}, asset: [usdc], amount: {{max: {most}}}}}}}",
        f"""permit(principal == Account::"{ACCOUNT}", action == Action::"transfer",
        resource == Address::"{supplier(number)}")
        when {{ context.asset == "{USDC}" && context.amount <= {most * ONE_USDC} }};""",
    )


@contextmanager
def contest(rules: int, way: Way, *, worded: bool = False) -> Iterator[Contest]:
    """Both sides, after they have decided alike. ``way``: in which form cedarpy is given policy and entities at each
    call. ``worded``: our verdicts are read to the last word of their reasons.
    """
    policy, book, cedar_policy = documents(rules)
    bundle = PolicyBundle.from_bytes(policy.encode(), book.encode())
    facts = Facts(at=AT, static=True)
    verdict = _worded if worded else judge
    calls = [partial(verdict, bundle.policy, bundle.book, proposal(*request), facts) for request in REQUESTS]
    allowed = [call().decision == "allow" for call in calls]
    ours = partial(p50_us, calls, REPEATS)
    try:
        python = interpreter("cedarpy")
    except PeerMissing as error:
        yield Contest(ours, None, str(error))
        return
    with cedar_worker(python) as ask:
        requests = [cedar_request(*request) for request in REQUESTS]
        decided = ask({"policies": cedar_policy, "entities": cedar_entities(), "requests": requests, "way": way})[
            "allowed"
        ]
        if decided != allowed:
            raise RuntimeError(f"the policies are not equal: ours allows {allowed}, Cedar {decided}")
        yield Contest(ours, lambda: float(ask({"repeats": REPEATS})["us"]))


def _worded(policy: Policy, book: Book, proposal: Proposal, facts: Facts) -> Verdict:
    verdict = judge(policy, book, proposal, facts)
    assert all(reason.message for reason in verdict.reasons)
    return verdict


def cedar_entities() -> list[dict[str, Any]]:
    """The sections of the book that the requests are about, as Cedar has them."""
    return [
        {"uid": {"type": "Address", "id": address}, "attrs": {}, "parents": [_section(name) for name in names]}
        for address, names in SECTIONS.items()
    ]


def _section(name: str) -> dict[str, str]:
    return {"type": "Section", "id": name}


@contextmanager
def cedar_worker(python: Path) -> Iterator[Any]:
    """Asks the process of cedarpy, one JSON object at a time."""
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


def _figure(rules: int, way: Way, *, worded: bool = False) -> Figure:
    return Figure(unit="us", pairs=60, seconds=20, contest=partial(contest, rules, way, worded=worded))


FIGURES = {
    "verdict_static_2": _figure(2, "parsed"),
    "verdict_static": _figure(20, "parsed"),
    "verdict_static_200": _figure(200, "parsed"),
    "verdict_static_2_text": _figure(2, "text"),
    "verdict_static_text": _figure(20, "text"),
    "verdict_static_200_text": _figure(200, "text"),
    "verdict_static_worded": _figure(20, "parsed", worded=True),
}
