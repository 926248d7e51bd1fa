"""plugins: code that a policy asks is in the policy by its hash."""

from __future__ import annotations

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.language.bundle import PolicyBundle

HEAD = "version: 1\nname: t\nchains: [1]\nrules: []\n"
HASH = "sha256:" + "ab" * 32


def read(world, text: str) -> PolicyBundle:
    return PolicyBundle.from_bytes((HEAD + text).encode(), world.book_text.encode())


def test_the_hash_is_part_of_what_is_signed(world) -> None:
    one = read(world, f'plugins: {{quarter-end: {{hash: "{HASH}"}}}}\n')
    other = read(world, f'plugins: {{quarter-end: {{hash: "{HASH.replace("ab", "cd")}"}}}}\n')

    assert one.policy.plugins["quarter-end"].hash == HASH
    assert one.cid != other.cid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plugins: {quarter-end: {hash: abc}}\n", "sha256: and 64 small hex digits"),
        ("plugins: {quarter-end: {}}\n", '"hash" is missing'),
        ("plugins: {1x: {hash: abc}}\n", "a plug-in's name"),
        (f'plugins: {{a: {{hash: "{HASH}", path: x}}}}\n', "unknown key"),
    ],
)
def test_what_is_no_pin_is_a_fault(world, text: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(world, text)

    assert words in str(caught.value)


def test_a_rule_that_asks_a_plugin_without_a_pin_is_a_fault_with_the_nearest(world) -> None:
    text = HEAD.replace("rules: []", "rules:\n  - {id: r, allow: transfer, when: {plugin: quarter-ends}}")
    text += f'plugins: {{quarter-end: {{hash: "{HASH}"}}}}\n'

    with pytest.raises(DocumentError, match=r'policy.yaml:5:.*no plugin "quarter-ends".*did you mean "quarter-end"'):
        PolicyBundle.from_bytes(text.encode(), world.book_text.encode())
