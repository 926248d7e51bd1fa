"""prices: USD for an asset, by feeds held against pools, and what a portfolio is worth.

Imports `reads` and the vocabulary of `policies`.
"""
