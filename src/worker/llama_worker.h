#pragma once

namespace sekisho::worker {

/// The whole life of `sekisho-model`: the CPU variant is loaded, the process seals itself and tries to get out, reports
/// that (kSealed), reads kLoad and only then the first byte of the model on kInputFd, and serves until the server
/// closes the channel. Returns the exit code: 0 where the server closed, 1 where the model could not be loaded.
[[nodiscard]] int run_model_worker();

}  // namespace sekisho::worker
