"""The words that code knows without a model: what is polite, what points, what hedges, what only reports.

Lower case, English. A word missing here costs a question too many, or leaves a decision to the model; numbers, assets
and handles are covered apart from it.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    """
    a an another exactly just me my our some the us your
    """
)
"""Passed over between a word and the mention that it governs."""

PREPOSITIONS = _words(
    """
    above against as at behind below by for from in into like of on onto over than through to under using via
    with
    """
)

COURTESY = _words(
    """
    afternoon alright appreciated asap away best bot cheers dear evening good great hello hey hi immediately
    kindly morning much now ok okay please pls plz quickly regards right so ta thank thanks today treasurer very
    you
    """
)
"""Whole clauses of these words say nothing; at either end of a sentence the parser passes over them."""

OPENINGS: tuple[tuple[str, ...], ...] = (
    ("can", "you"),
    ("could", "you"),
    ("would", "you"),
    ("will", "you"),
    ("i", "want", "to"),
    ("i", "want", "you", "to"),
    ("i", "would", "like", "to"),
    ("i'd", "like", "to"),
    ("i'd", "like", "you", "to"),
    ("we", "want", "to"),
    ("we", "would", "like", "to"),
    ("we'd", "like", "to"),
    ("let's",),
    ("let", "us"),
    ("go", "ahead", "and"),
)
"""How a command may begin without meaning anything else."""

POLITE_QUESTIONS: tuple[tuple[str, ...], ...] = OPENINGS[:4]
"""With one of these a question mark still ends a command."""

HALF_WORDS = frozenset({"half"})
WHOLE_WORDS = frozenset({"all", "entire", "whole"})
NUMBER_WORDS = _words(
    """
    billion couple dozen eight eighteen eighty eleven fifteen fifth fifty five forty four fourteen grand halves
    hundred hundreds million nine nineteen ninety quarter quarters seven seventeen seventy six sixteen sixty ten
    tenth third thirds thirteen thirty thousand thousands three twelve twenty two
    """
)
"""Numbers in words: asked back in digits."""

CURRENCIES = _words(
    """
    bucks cents chf dollar dollars eur euro euros franc francs gbp pounds usd
    """
)
"""Money that is no asset of the book unless an alias there says so."""

NEGATIONS = _words(
    """
    actually alarm avoid but can't cancel cannot didn't disregard doesn't don't dont example except forget hold
    hypothetical hypothetically ignore imagine instead isn't joking kidding mind mistake neither never nevermind
    no nobody nor not nothing oops pretend rather refuse reverse revert scratch shouldn't sorry stop suppose
    test theoretically undo wait wasn't without won't wrong
    """
)
CONDITIONS = _words(
    """
    after ago assuming before case daily day days eventually every friday given hour hourly hours if last later
    lest minute minutes monday month monthly months next once per provided saturday should someday soon sunday
    thursday till tomorrow tonight tuesday unless until wednesday week weekly weeks when whenever while year
    yearly years yesterday
    """
)
HEDGES = _words(
    """
    about almost anything apiece approx approximately around as between bit both cheapest double each either
    enough equivalent everybody everyone everything few fewer ish least less limit many max maximum maybe min
    minimum minus more most nearly or other others perhaps plus possibly probably remainder remaining rest
    roughly several split thrice times triple twice upto value whatever whichever worth
    """
)
MUSINGS = _words(
    """
    consider considering decide discuss draft how learn may might plan planning prepare remind reminder schedule
    simulate teach think thinking tutorial whether which who why wonder wondering
    """
)
"""Thinking aloud, and questions inside a sentence."""

POINTERS = _words(
    """
    amount her him it proceeds same that them these they this those
    """
)
REPORTED = _words(
    """
    according asked asking asks claimed claims comment demanded demands document email emails heard instructed
    instruction instructions instructs message messages page posted prompt quote reads recommended recommends
    repeat requested requests rumor rumour said say saying says stated states suggested suggests summarise
    summarize tells thinks told translate tweet tweeted wants webpage website writes written wrote
    """
)
PAST = _words(
    """
    already been borrowed bought converted deposited did earned exchanged gave got had has have having lost
    moved paid rebalanced received repaid sent sold spent supplied swapped traded transferred unwrapped was were
    withdrawn withdrew wrapped
    """
)
ADVICE = _words(
    """
    am are do does how is should what what's where which who why
    """
)
"""A sentence with one of these up front asks; it does not command."""

WEAK_VERBS = _words("get give bring turn change make lift")
"""Verbs of everyday use: a form may begin with one, and still it does not decide which tool is meant."""

OWED = _words("invoice bill salary fee fees wages retainer expenses rent account wallet payment reimbursement bonus")
"""What belongs to a payee and still is paid to that payee, as in ``settle carol's invoice``."""

SETTING_DOUBT = frozenset({*NEGATIONS, *CONDITIONS, *HEDGES, *MUSINGS, *POINTERS, *REPORTED, *PAST})
"""No call carries what these words say: a sentence with one of them is answered or asked back, never acted upon."""
