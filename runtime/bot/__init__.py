"""bot: one bot folder: its files, its configuration and secrets, how it is made, signed, checked and set live.

Imports the floors below and `runtime.audit`; the processes and the commands build on it.
"""
