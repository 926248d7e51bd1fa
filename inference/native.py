"""The few functions of llama.cpp that the engine needs, typed. Nothing else of treasurer calls into llama_cpp.

The C interface is used as it is: the package's `Llama` class would compile the chat template of the file it loads.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import EngineUnavailable, EvaluationFailed, OutOfMemory, UnsupportedModel

_METADATA_BYTES = 1 << 20  # templates are a few kB; a larger one is no template
_PIECE_BYTES = 512
_SEQUENCE = 0
_FLASH_ATTENTION_OFF = 0
_FLASH_ATTENTION_AUTO = -1


class Library:
    """llama.cpp, loaded once, its chatter kept to the last lines for error messages."""

    def __init__(self) -> None:
        try:
            self.c: Any = importlib.import_module("llama_cpp.llama_cpp")
            self.version: str = importlib.import_module("llama_cpp").__version__
        except ImportError as error:
            raise EngineUnavailable(
                "llama-cpp-python is not installed: `pip install 'treasurer[local]'` compiles it (about 3 minutes)"
            ) from error
        self._complaints: list[str] = []
        self._on_log = self.c.llama_log_callback(self._log)  # C keeps the pointer: it must outlive the library
        self.c.llama_log_set(self._on_log, None)
        self.c.llama_backend_init()

    def _log(self, level: int, text: bytes, _: object) -> None:
        if level >= 3:  # warnings and errors
            self._complaints = [*self._complaints[-7:], text.decode(errors="replace").strip()]

    def complaint(self) -> str:
        """What llama.cpp said last, for an error message."""
        return "; ".join(line for line in self._complaints if line) or "llama.cpp gave no reason"

    def build(self) -> str:
        """The package's version and the hash of the shared libraries it loads."""
        digest = hashlib.sha256()
        folder = Path(self.c.__file__).parent / "lib"
        for path in sorted(path for path in folder.iterdir() if path.suffix in {".so", ".dylib", ".dll"}):
            digest.update(path.name.encode() + path.read_bytes())
        return f"llama-cpp-python {self.version} {digest.hexdigest()[:32]}"

    def features(self) -> tuple[str, ...]:
        """What the build uses of this machine, such as `CPU:AVX512=1`."""
        found: list[str] = []
        device = ""
        for field in self.c.llama_print_system_info().decode().split("|"):
            name, separator, value = field.strip().partition("=")
            if not separator:
                continue
            head, colon, feature = name.rpartition(":")
            device = head.strip() if colon else device
            found.append(f"{device}:{feature.strip()}={value.strip()}")
        return tuple(found)

    def offloads(self) -> bool:
        """Whether the build has a GPU back end and the machine a device for it."""
        return bool(self.c.llama_supports_gpu_offload())


@functools.cache
def load_library() -> Library:
    """llama.cpp's process-wide state: loaded at the first call, kept to the end, since C holds a pointer into it."""
    return Library()


class NativeModel:
    """A loaded GGUF: its weights and vocabulary."""

    def __init__(self, library: Library, path: Path, n_gpu_layers: int) -> None:
        self._library, self._c = library, library.c
        parameters = self._c.llama_model_default_params()
        parameters.n_gpu_layers = n_gpu_layers
        self.handle = self._c.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.handle:
            raise UnsupportedModel(f"llama.cpp cannot load {path}: {library.complaint()}; run `treasurer model verify`")
        self._vocabulary = self._c.llama_model_get_vocab(self.handle)
        self.n_vocabulary: int = self._c.llama_vocab_n_tokens(self._vocabulary)
        self.n_layers: int = self._c.llama_model_n_layer(self.handle)
        everything = self.n_layers + 1  # the output layer counts
        self.n_gpu_layers = everything if n_gpu_layers < 0 else min(n_gpu_layers, everything)
        self.n_trained_context: int = self._c.llama_model_n_ctx_train(self.handle)

    def metadata(self, key: str) -> str | None:
        """A text of the file's header, or None."""
        buffer = ctypes.create_string_buffer(_METADATA_BYTES)
        length = self._c.llama_model_meta_val_str(self.handle, key.encode(), buffer, _METADATA_BYTES)
        return None if length < 0 else buffer.raw[: min(length, _METADATA_BYTES)].decode(errors="replace")

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of `text`; template tokens in it are plain text unless `special`, a lone surrogate is a `?`."""
        data = text.encode(errors="replace")
        room = len(data) + 8
        tokens = (ctypes.c_int32 * room)()
        count = self._c.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
        if count < 0:
            raise EvaluationFailed(f"llama.cpp could not tokenize {len(data)} bytes: shorten the text")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """The bytes that a token writes."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        length = self._c.llama_token_to_piece(self._vocabulary, token, buffer, _PIECE_BYTES, 0, False)
        return buffer.raw[: max(length, 0)]

    def ends(self, token: int) -> bool:
        """Whether the token ends a turn."""
        return bool(self._c.llama_vocab_is_eog(self._vocabulary, token))

    def controls(self, token: int) -> bool:
        """Whether the token frames turns instead of writing text."""
        return bool(self._c.llama_vocab_is_control(self._vocabulary, token))

    def close(self) -> None:
        """Free the weights."""
        self._c.llama_model_free(self.handle)


class NativeContext:
    """One sequence of evaluated tokens and its KV memory."""

    def __init__(self, library: Library, model: NativeModel, *, n_ctx: int, n_threads: int, n_batch: int) -> None:
        self._library, self._c, self._n_vocabulary = library, library.c, model.n_vocabulary
        parameters = self._c.llama_context_default_params()
        parameters.n_ctx = n_ctx
        parameters.n_batch = parameters.n_ubatch = n_batch
        parameters.n_threads = parameters.n_threads_batch = n_threads
        parameters.flash_attn_type = _FLASH_ATTENTION_AUTO if library.offloads() else _FLASH_ATTENTION_OFF
        self._handle = self._c.llama_init_from_model(model.handle, parameters)
        if not self._handle:
            raise OutOfMemory(f"no memory for a context of {n_ctx} tokens: {library.complaint()}; close other programs")
        self._memory = self._c.llama_get_memory(self._handle)
        self._batch = self._c.llama_batch_init(n_batch, 0, 1)

    def evaluate(self, tokens: Sequence[int], position: int) -> None:
        """Evaluate one segment at `position`; the logits after its last token can then be read."""
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = _SEQUENCE
            batch.logits[i] = i == len(tokens) - 1
        status = self._c.llama_decode(self._handle, batch)
        if status != 0:
            raise EvaluationFailed(
                f"llama.cpp refused {len(tokens)} tokens at {position} (status {status}): {self._library.complaint()}"
            )

    def logits(self) -> NDArray[np.float32]:
        """The logits after the last evaluated token, over the whole vocabulary: a view, valid until the next call."""
        pointer = self._c.llama_get_logits_ith(self._handle, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._n_vocabulary,))

    def save(self) -> bytes:
        """The KV state of all that was evaluated."""
        size = self._c.llama_state_seq_get_size(self._handle, _SEQUENCE)
        buffer = (ctypes.c_uint8 * size)()
        written = self._c.llama_state_seq_get_data(self._handle, buffer, size, _SEQUENCE)
        if written != size:
            raise EvaluationFailed(f"llama.cpp saved {written} of {size} bytes of its state")
        return bytes(buffer)

    def restore(self, state: bytes) -> None:
        """Replace what was evaluated by a saved state; an empty one is an empty transcript."""
        self._c.llama_memory_clear(self._memory, False)
        if not state:
            return
        buffer = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        if self._c.llama_state_seq_set_data(self._handle, buffer, len(state), _SEQUENCE) != len(state):
            raise EvaluationFailed(f"llama.cpp refused a saved state: {self._library.complaint()}")

    def close(self) -> None:
        """Free the KV memory."""
        self._c.llama_batch_free(self._batch)
        self._c.llama_free(self._handle)
