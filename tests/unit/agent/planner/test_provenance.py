"""A value takes the least trusted provenance of what was before the model, unless a span grounds it."""

from __future__ import annotations

from treasurer.agent.planner.provenance import ground, least_trusted
from treasurer.policies.proposal import Provenance
from treasurer.tools import Catalog, ToolCall

CALL = ToolCall(tool="transfer", arguments={"to": "alice", "amount": "5 usdc"})


def test_the_least_trusted_wins() -> None:
    assert least_trusted([Provenance.USER, Provenance.UNTRUSTED, Provenance.OPERATOR]) is Provenance.UNTRUSTED
    assert least_trusted([Provenance.USER, Provenance.CHAIN]) is Provenance.CHAIN
    assert least_trusted([]) is Provenance.OPERATOR


def test_a_value_without_a_span_is_as_trusted_as_the_worst_of_the_context(catalog: Catalog) -> None:
    spans = {"amount": ((0, 1), (2, 6))}
    grounds = ground(catalog.tool("transfer"), CALL, spans, Provenance.USER, [Provenance.UNTRUSTED])
    assert {g.argument: g.provenance for g in grounds} == {
        "to": Provenance.UNTRUSTED,
        "amount": Provenance.USER,
    }
