"""Own facts: what the guard itself knows beside the chain: who asked, who wrote the policy, whom it knows, how it went.

Nothing here rests on what the agent says.
"""

from __future__ import annotations

from typing import Any

from ...policies.facts import Facts
from ...policies.proposal import Proposal
from .state import GuardState


def with_own_facts(state: GuardState, facts: Facts, proposal: Proposal) -> Facts:
    """The facts with what the guard's database holds now. Inside a transaction."""
    own: dict[str, Any] = {
        "known_since": state.acquaintances.known_since(),
        "peers": state.acquaintances.peers(),
        "asker": asker(state, proposal.run),
        "authors": authors(state),
        "denials_in_row": state.conduct.denials_in_row(),
        "drift_bps": state.conduct.drift_bps(facts.at),
    }
    return facts.model_copy(update=own)


def asker(state: GuardState, run: str) -> str | None:
    """The person of the book whose words the Run is for, as that person's own program registered them.

    None where nobody's are, where they are nobody's of the book, or where two people's are: it is then not known.
    """
    people = state.said.people(run)
    label = next(iter(people)) if len(people) == 1 else None
    return label if label in state.bundle.book.people else None


def authors(state: GuardState) -> tuple[str, ...]:
    """The people of the book whose key signed the policy in force; none where the owner is not in the book."""
    by = state.force.policy.by
    return tuple(sorted(label for label, person in state.bundle.book.people.items() if person.address == by))
