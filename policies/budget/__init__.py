"""budget: what was let through and what is reserved: the rolling windows and the ledger in the guard's database.

Imports the vocabulary, `language` and `judgement`.
"""
