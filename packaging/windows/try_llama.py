"""A few tokens from llama.cpp as it was compiled for Windows; run by the embeddable Python under wine.

    python.exe try_llama.py LIB MODEL

The functions of the library alone are called, in the order of its own simple example: NumPy, which the package imports
above them, does not load under wine 8. Exits with 1 when the answer is another than on Linux.
"""

import ctypes
import sys
from types import ModuleType
from typing import Any

_PROMPT = b"<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
_ANSWER = "The capital of France is Paris."
_TOKENS = 16


def bindings(lib: str) -> Any:
    """`llama_cpp.llama_cpp` from the folder `lib`, without what its package imports."""
    sys.path.insert(0, lib)
    package = ModuleType("llama_cpp")
    package.__path__ = [f"{lib}\\llama_cpp"]
    sys.modules["llama_cpp"] = package
    import llama_cpp.llama_cpp

    return llama_cpp.llama_cpp


def answer(llama: Any, model_file: str) -> str:
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(model_file.encode(), llama.llama_model_default_params())
    vocabulary = llama.llama_model_get_vocab(model)
    settings = llama.llama_context_default_params()
    settings.n_ctx, settings.n_threads, settings.n_threads_batch = 256, 1, 1
    context = llama.llama_init_from_model(model, settings)
    tokens = (llama.llama_token * 64)()
    count = llama.llama_tokenize(vocabulary, _PROMPT, len(_PROMPT), tokens, len(tokens), 0, 1)
    written, piece = b"", ctypes.create_string_buffer(64)
    for _ in range(_TOKENS):
        if llama.llama_decode(context, llama.llama_batch_get_one(tokens, count)):
            raise SystemExit("The model could not compute")
        scores = llama.llama_get_logits_ith(context, -1)
        best = max(range(llama.llama_vocab_n_tokens(vocabulary)), key=lambda token: scores[token])
        if llama.llama_vocab_is_eog(vocabulary, best):
            break
        size = llama.llama_token_to_piece(vocabulary, best, piece, len(piece), 0, 1)
        written += piece.raw[:size]
        tokens, count = (llama.llama_token * 1)(best), 1
    return written.decode()


def main() -> int:
    lib, model_file = sys.argv[1:]
    llama = bindings(lib)
    system = llama.llama_print_system_info().decode()
    said = answer(llama, model_file)
    print(f"{system}\n{said}")
    return 0 if said == _ANSWER and "AVX2 = 1" in system else 1


if __name__ == "__main__":
    sys.exit(main())
