"""language: what people write: policy.yaml, book.yaml, their durations and faults, the presets, the signed bundle.

Imports the vocabulary beside this folder and `conditions`, which a rule's `when` is read by.
"""
