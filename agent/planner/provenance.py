"""Provenance of the values of a call: an address is the book's, a measure is the speaker's, and nothing else gets in.

A value that a model chose takes the least trusted provenance of all that was in its context, unless it is grounded in
a span of the request or in the book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...policies.proposal import Provenance
from ...tools import Tool, ToolCall
from ...tools.handles import Payee, Token, Venue
from .parser import Spans
from .reading import Grounding

ORDER = (Provenance.OPERATOR, Provenance.USER, Provenance.CHAIN, Provenance.UNTRUSTED)
"""Most trusted first."""


def least_trusted(provenances: Iterable[Provenance]) -> Provenance:
    """The worst of several; `operator` of none, since nothing but the product's own text was there."""
    return max(provenances, key=ORDER.index, default=Provenance.OPERATOR)


def ground(
    tool: Tool, call: ToolCall, spans: Mapping[str, Spans], origin: Provenance, context: Iterable[Provenance] = ()
) -> tuple[Grounding, ...]:
    """Each argument of a call with its spans and provenance.

    ``origin`` is the request's; ``context`` what else was before the model (nothing where the parser decided).
    """
    worst = least_trusted((origin, *context))
    slots = {parameter.name: parameter.slot for parameter in tool.parameters}
    grounds = []
    for name, value in call.arguments.items():
        found = spans.get(name, ())
        if not found:
            provenance = worst
        elif slots[name] in (Payee, Token, Venue):
            # The word only picked a row; what it stands for is what the operator wrote there.
            provenance = Provenance.OPERATOR
        else:
            provenance = origin
        grounds.append(Grounding(argument=name, value=value, spans=found, provenance=provenance))
    return tuple(grounds)
