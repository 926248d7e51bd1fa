"""diff: what becomes possible from one policy to another, and what no longer is, each with an example that is judged.

Imports the rest of `analysis`.
"""
