"""contracts: what attackers deploy, in Vyper, shipped as ABI and bytecode; a test compiles them anew and compares.

`python -m treasurer.scenarios.devnet.contracts.compile FOLDER` writes the JSON of a folder's sources.
"""
