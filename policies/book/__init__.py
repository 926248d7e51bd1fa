"""book: where a name becomes an address: entries, declared functions, ABIs, lists, and names that look alike.

Imports `documents` and the vocabulary beside this folder.
"""
