"""documents: reading what people write: YAML and JSON with line and column, numbers, lengths of time.

Imports `wallets` vocabulary and the errors beside this folder.
"""
