"""`treasurer policy apply`: the running guard obeys what an owner signed, now."""

from __future__ import annotations

import typer

from ..terminal import AsJson, await_result, bot_folder, emit, say


def apply(context: typer.Context, as_json: AsJson = False) -> None:
    """Hand the signed policy, and a change of owners, to the guard: what waits under the old policy ends."""
    from ...guard.applying import apply_policy

    answer = await_result(apply_policy(bot_folder(context)))
    if as_json:
        emit(answer)
        return
    if not answer["running"]:
        say("no guard runs: the next one obeys it from its start")
        return
    if not answer["changed"]:
        say(f"the guard obeyed it already: {answer['policy']}, version {answer['version']}")
        return
    say(f"in force: {answer['policy']}, version {answer['version']} ({answer['policy_cid']}), by {answer['by']}")
    for key in answer["voided"]:
        say(f"ended     {key}: it was judged by the policy before")
