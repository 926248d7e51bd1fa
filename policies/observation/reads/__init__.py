"""reads: single reads of a chain that ride in one request: balances, allowances, accounts, names, ages of code.

Imports the chain client of `wallets` and the vocabulary of `policies`.
"""
