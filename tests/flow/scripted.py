"""The real server with a scripted model worker: what the model says is in the question ("!say …", tests/fakes/scripted_model_worker.cc).

Import this before harness: it chooses the programs.
"""
import atexit
import os
import pathlib
import shutil
import struct
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
_folder = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-scripted-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_built = pathlib.Path(os.environ.get("SEKISHO_BIN", SOURCE / "build/release/bin"))
for name, program in (("sekisho", "sekisho"), ("sekisho-extract", "sekisho-extract"), ("sekisho-model", "scripted_model_worker")):
    shutil.copy2(_built / program, _folder / name)
os.environ["SEKISHO_BIN"] = str(_folder)
os.environ["SEKISHO_CACHE"] = str(_folder / "cache")  # The model stays out of that of this machine.


def _text(value):
    value = value.encode()
    return struct.pack("<Q", len(value)) + value


def _gguf():
    """A model of the qwen2 kind with four tokens: enough for the check of its head."""
    def entry(key, kind, value):
        return _text(key) + struct.pack("<I", kind) + value

    def array(kind, items):
        return struct.pack("<IQ", kind, len(items)) + b"".join(items)

    entries = [entry("general.architecture", 8, _text("qwen2")), entry("general.name", 8, _text("台本")),
               *(entry(f"qwen2.{key}", 4, struct.pack("<I", number)) for key, number in
                 (("block_count", 1), ("context_length", 4096), ("embedding_length", 8), ("attention.head_count", 2))),
               entry("tokenizer.ggml.model", 8, _text("gpt2")), entry("tokenizer.ggml.eos_token_id", 4, struct.pack("<I", 1)),
               entry("tokenizer.ggml.tokens", 9, array(8, [_text(token) for token in ("<|im_start|>", "<|im_end|>", "予", "算")])),
               entry("tokenizer.ggml.merges", 9, array(8, [_text("予 算")])),
               entry("tokenizer.ggml.token_type", 9, array(5, [struct.pack("<i", kind) for kind in (3, 3, 1, 1)]))]
    tensors = b"".join(_text(name) + struct.pack("<IQQIQ", 2, 8, 4, 0, offset) for name, offset in (("token_embd.weight", 0), ("output.weight", 128)))
    head = struct.pack("<IIQQ", 0x46554747, 3, 2, len(entries)) + b"".join(entries) + tensors
    return head + b"\0" * (-len(head) % 32) + b"\1" * 256


MODEL = str(_folder / "daihon.gguf")
pathlib.Path(MODEL).write_bytes(_gguf())
