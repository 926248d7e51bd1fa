"""Every condition has a page, and what the page says of its example is what the judge says.

A page holds, in this order: a policy (``# policy.yaml``), where it needs them a book of its own (``# book.yaml``),
files of the bundle (``# lists/NAME.txt``) and facts (``// facts``), proposals (``// proposals``, one a line as for
``policy check``), and last what becomes of each.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.check.proposal_line import read_line
from treasurer.policies.conditions import CONDITIONS
from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle

_PAGES = Path(__file__).parents[3] / "docs" / "conditions"
_BLOCK = re.compile(r"^```(?P<language>yaml|json|text)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_USD = {"usdc": "1", "dai": "1", "weth": "2500", "native": "2500"}


@dataclass
class Page:
    name: str
    title: str = ""
    policy: bytes = b""
    book: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)
    proposals: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, name: str) -> Page:
        text = (_PAGES / f"{name}.md").read_text()
        page = cls(name, title=text.splitlines()[0], book=(_PAGES / "book.yaml").read_bytes())
        for match in _BLOCK.finditer(text):
            page._take(match["language"], match["body"])
        return page

    def _take(self, language: str, body: str) -> None:
        first, _, rest = body.partition("\n")
        if first == "# policy.yaml":
            self.policy = body.encode()
        elif first == "# book.yaml":
            self.book = body.encode()
        elif first.startswith("# lists/"):
            self.attachments[first.removeprefix("# ")] = body.encode()
        elif first == "// facts":
            self.facts = json.loads(rest)
        elif first == "// proposals":
            self.proposals += [line for line in rest.splitlines() if line.strip()]
        elif language == "text":
            self.outcomes += [(one, said) for one, _, said in (line.partition(": ") for line in body.splitlines())]
        else:
            raise AssertionError(f"{self.name}.md has a block that nothing reads: {first!r}")

    def bundle(self) -> PolicyBundle:
        return PolicyBundle.from_bytes(self.policy, self.book, self.attachments)

    def facts_for(self, at: Any, bundle: PolicyBundle, chain_id: int) -> Facts:
        tokens = {label: bundle.book.token_by_label(label, chain_id) for label in _USD}
        prices = {token.address: {"usd": _USD[label]} for label, token in tokens.items() if token is not None}
        plain = {"at": at, "static": True, "not_held": ("gas", "breakers", "timelock"), "prices": prices}
        return Facts.model_validate({**plain, **self.facts})


@pytest.mark.parametrize("name", list(CONDITIONS))
def test_what_a_page_says_of_its_proposals_is_what_the_judge_says(name: str) -> None:
    page = Page.read(name)
    bundle = page.bundle()

    found = []
    reasons = []
    for line in page.proposals:
        read = read_line(line)
        facts = page.facts_for(read.at, bundle, read.proposal.chain_id)
        verdict = judge(bundle.policy, bundle.book, read.proposal, facts)
        found.append((read.id, verdict.decision))
        reasons.append(f"{read.id}: {[reason.message for reason in verdict.reasons]}")

    assert found == page.outcomes, "\n".join(reasons)


@pytest.mark.parametrize("name", list(CONDITIONS))
def test_a_page_uses_its_condition_and_shows_both_outcomes(name: str) -> None:
    page = Page.read(name)
    conditions = {condition.name for rule in page.bundle().policy.rules for condition in rule.when}
    decisions = {said for _, said in page.outcomes}

    assert page.title == f"# `{name}`"
    assert name in conditions
    assert "deny" in decisions
    assert decisions & {"allow", "escalate"}


def test_every_condition_has_a_page_and_every_page_a_condition() -> None:
    assert {path.stem for path in _PAGES.glob("*.md")} - {"index"} == set(CONDITIONS)


def test_the_index_lists_every_page_once() -> None:
    index = (_PAGES / "index.md").read_text()
    _, _, toctree = index.partition("```{toctree}\n")
    listed = [line for line in toctree.partition("```")[0].splitlines() if line and not line.startswith(":")]
    rows = re.findall(r"^\| \[`([a-z_0-9]+)`\]\(\1\.md\) \| [^|]+ \| [^|]+ \|$", index, re.MULTILINE)

    assert sorted(listed) == sorted(CONDITIONS)
    assert sorted(rows) == sorted(CONDITIONS)
