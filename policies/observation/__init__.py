"""observation: what the guard reads of a chain before it judges: balances, prices, simulation, actual effects.

Imports the vocabulary, `language`, `decode` and the chain client of `wallets`. It fills Facts and decides nothing.
"""
