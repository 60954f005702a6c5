#pragma once

namespace sekisho::worker {

/// Gives libllama a backend of our own for the products of quantised weights, and for those of keys and values in half precision
/// (llama_matrix_kernel.h, llama_attention_kernel.h). Weights are held packed for it, which only it can read: whether a model's
/// products go through it is decided when the model is loaded. Each product is bitwise the same in any batch and on any
/// number of threads. Call before a model is loaded, again to take the backend away from the next one. False where it is
/// not in use: not wanted, a processor that lacks what it needs, or a libllama that came without its inner headers.
/// Threads: one.
bool use_matrix_backend(bool use);

/// While one lives, the models that are loaded have their weights packed, where their types and widths allow.
class PackedLoading {
 public:
  PackedLoading();
  ~PackedLoading();
  PackedLoading(const PackedLoading&) = delete;
  PackedLoading& operator=(const PackedLoading&) = delete;
};

/// How many threads compute the backend's products from now on, at least one.
void set_matrix_threads(int threads);

}  // namespace sekisho::worker
