#pragma once

namespace sekisho::worker {

/// The whole life of `sekisho-extract`: seal, prove the seal, tell the server, read one request, read the document on
/// kInputFd, send its text, end. Returns the exit status of the program: 0 where the document was told or refused in order.
[[nodiscard]] int run_extract_worker();

}  // namespace sekisho::worker
