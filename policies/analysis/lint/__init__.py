"""lint: what is wrong or weak in a policy and its book, each with its line and what to do about it.

Imports the rest of `analysis`.
"""
