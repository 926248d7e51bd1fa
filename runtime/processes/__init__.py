"""processes: how the three processes of a bot start, find each other, talk over sockets, and end.

Imports `runtime.bot` and the floors below.
"""
