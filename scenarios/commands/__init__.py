"""commands: `treasurer scenario` and `treasurer demo`, mounted by entry points; and how a person sees one played.

May import scenarios.runner, scenarios.devnet and runtime's terminal; heavy imports belong inside the commands.
"""
