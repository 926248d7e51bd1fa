"""commands: `treasurer scenario` and `treasurer demo`, mounted by entry points; and how a played scenario looks to a person.

May import scenarios.runner, scenarios.devnet and runtime's terminal; heavy imports belong inside the commands.
"""
