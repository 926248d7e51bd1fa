"""judgement: the pure functions between effects and a verdict: rules, limits, breakers, pins, claims, valuation.

Imports the vocabulary, `language`, `conditions` and `decode`; reads no chain, keeps no state.
"""
