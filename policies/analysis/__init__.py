"""analysis: questions to a policy before anybody trusts it: lint, diff, prove, and the schemas for editors.

May import everything of `policies` but `check` and `observation`; z3 is imported only inside the functions that solve.
"""
