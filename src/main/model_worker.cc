#include <cstdlib>

#include "worker/llama_worker.h"

/// `sekisho-model`: started by the server with a model file and a channel; of no use by itself.
int main() {
  // The engine's own clean-up at exit would only wait for threads that have nothing to do.
  std::_Exit(sekisho::worker::run_model_worker());
}
