"""policy_check_batch: one line of `policy check`, from its bytes to the JSON of its answer, in a batch of a thousand.

The policy is the one of verdict_static with 20 rules, and a limit that the batch never reaches. The peer reads the same
requests as lines of its own, already decoded, and answers allow or deny by cedarpy, everything parsed beforehand: the
least that somebody who judges lines in Python can do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from environments import PeerMissing, interpreter
from harness import Contest, Figure
from repeated import p50_us
from verdict_static import AT, REQUESTS, cedar_entities, cedar_request, cedar_worker, documents, proposal

from treasurer.policies.check.check import check
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.values import checksum, to_hex

RULES = 20
LINES = 1000
SECONDS_BETWEEN = 60
LIMIT = "limits: [{id: day, counts: outflow, asset: usdc, window: 1h, max: 10000000}]\n"


@contextmanager
def contest() -> Iterator[Contest]:
    """Both sides, after they have decided alike on every line."""
    bundle, lines = batch()
    allowed = [json.loads(answer)["verdict"] == "allow" for answer in answers(bundle, lines)]
    ours = partial(_per_line, partial(answers, bundle, lines))
    try:
        python = interpreter("cedarpy")
    except PeerMissing as error:
        yield Contest(ours, None, str(error))
        return
    with cedar_worker(python) as ask:
        told = [json.dumps(cedar_request(*_request(number))) for number in range(LINES)]
        given = {"policies": documents(RULES)[2], "entities": cedar_entities(), "requests": told, "way": "lines"}
        if ask(given)["allowed"] != allowed:
            raise RuntimeError("ours and Cedar do not decide alike on every line")
        yield Contest(ours, lambda: float(ask({"repeats": 1})["us"]) / LINES)


def batch() -> tuple[PolicyBundle, list[bytes]]:
    """The policy with its limit, and the lines."""
    policy, book, _ = documents(RULES)
    bundle = PolicyBundle.from_bytes((policy + LIMIT).encode(), book.encode())
    return bundle, [_line(number, *_request(number)) for number in range(LINES)]


def _request(number: int) -> tuple[str, str, int, str]:
    return REQUESTS[number % len(REQUESTS)]


def _line(number: int, action: str, asset: str, amount: int, to: str) -> bytes:
    one = proposal(action, asset, amount, to)
    calls = [
        {"to": checksum(call.to or ""), "value": str(call.value), "data": to_hex(call.data), "operation": 0}
        for call in one.calls
    ]
    at = AT + timedelta(seconds=number * SECONDS_BETWEEN)
    words: dict[str, Any] = {
        "id": f"line-{number}",
        "chain_id": one.chain_id,
        "from": checksum(one.account),
        "calls": calls,
        "typed_data": None,
        "authorization_list": [],
        "provenance": {checksum(to): "user"},
        "at": at.isoformat(),
    }
    return json.dumps(words).encode()


def answers(bundle: PolicyBundle, lines: list[bytes]) -> list[str]:
    """What `policy check` writes for these lines."""
    found = check(lines, bundle, prices={}, balances={}, static=True)
    return [json.dumps(answer, separators=(",", ":")) for answer in found]


def _per_line(whole: partial[list[str]]) -> float:
    return p50_us([whole], 1) / LINES


FIGURE = Figure(unit="us", pairs=40, seconds=30, contest=contest)
