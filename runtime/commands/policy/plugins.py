"""`treasurer policy plugins`: the plug-ins that are installed, with the hashes that a policy pins."""

from __future__ import annotations

from ..terminal import AsJson, emit_rows, note, say


def plugins(as_json: AsJson = False) -> None:
    """List the plug-ins of this installation; their code is read, and never run."""
    from ...guard.plugin_code import PluginMissing, find_plugin, plugin_names

    rows = []
    for name in plugin_names():
        try:
            code = find_plugin(name)
        except PluginMissing as error:
            rows.append({"name": name, "target": None, "hash": None, "fault": str(error)})
        else:
            rows.append({"name": name, "target": code.target, "hash": code.hash, "fault": None})
    if as_json:
        emit_rows(rows)
        return
    if not rows:
        note("no package here has an entry point in the group treasurer.policies")
    for row in rows:
        say(f'{row["name"]}: {{hash: "{row["hash"]}"}}' if row["fault"] is None else f"{row['name']}: {row['fault']}")
