#pragma once

namespace sekisho::worker {

/// Gives libllama a backend of our own for the products of quantised weights with four rows or more: prompts, and texts to
/// embed (llama_matrix_kernel.h; prompts are read about twice as fast as with libllama's own kernels). Single rows stay
/// with its CPU backend. Call before a model is loaded, again to take it away from the next one; weights must be in plain
/// memory (no repacking). False where it is not in use: not wanted, a processor that lacks what it needs, or a libllama
/// that came without its inner headers. Threads: one.
bool use_matrix_backend(bool use);

}  // namespace sekisho::worker
