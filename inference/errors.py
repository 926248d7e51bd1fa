"""Everything that goes wrong with a model, by name. Each message says what to do next.

InferenceError             (a wallets.errors.TreasurerError)
├── EngineUnavailable      llama-cpp-python is not installed
├── ModelError
│   ├── UnknownModel       not in the catalog
│   ├── ModelMissing       in the catalog, not on disk
│   ├── ModelHashMismatch  the file is not the one its name promises
│   ├── UnsupportedModel   an architecture or chat template that this engine does not know
│   └── DownloadFailed     a source did not give the bytes (what came is kept, the next pull resumes)
├── OutOfMemory            the model or its context does not fit
├── OutOfDisk              the download does not fit
├── OutOfContext           the transcript is full
├── DeadlineExceeded       the session's time is over
├── EvaluationFailed       llama.cpp refused a batch
├── SessionClosed          the session was closed, cancelled or failed before
├── EngineClosed           the engine was closed
├── InvalidChoices         empty, repeated or multi-line choices
└── ReplayMismatch         a sample that does not belong to this model or prefix
"""

from __future__ import annotations

from ..wallets.errors import TreasurerError


class InferenceError(TreasurerError):
    """Base of all errors of this package; where nothing else is said, the model is not ready (exit status 3)."""


class EngineUnavailable(InferenceError):
    """llama-cpp-python cannot be imported."""


class ModelError(InferenceError):
    """Something about a model file."""


class UnknownModel(ModelError):
    """A name that the catalog does not hold."""

    exit_status = 2


class ModelMissing(ModelError):
    """A model of the catalog that is not on this disk."""


class ModelHashMismatch(ModelError):
    """A file whose SHA-256 is not the expected one."""


class UnsupportedModel(ModelError):
    """An architecture or a chat template that is not known here."""


class DownloadFailed(ModelError):
    """A source that did not deliver; finished parts are kept."""


class OutOfMemory(InferenceError):
    """The model or its context does not fit into memory."""


class OutOfDisk(InferenceError):
    """The download does not fit on the disk."""


class OutOfContext(InferenceError):
    """The transcript does not fit into the context."""


class DeadlineExceeded(InferenceError):
    """The session's deadline passed."""


class EvaluationFailed(InferenceError):
    """llama.cpp refused to evaluate a batch."""


class SessionClosed(InferenceError):
    """The session is closed."""


class EngineClosed(InferenceError):
    """The engine is closed."""


class InvalidChoices(InferenceError, ValueError):
    """Choices that cannot be told apart or written on one line."""

    exit_status = 2


class ReplayMismatch(InferenceError):
    """A sample that does not belong to this model or this prefix."""
