#pragma once

#include "worker/extract_readers.h"

namespace sekisho::worker {

/// The whole life of `sekisho-extract`: seal, prove the seal, tell the server, read one request, read the document on
/// kInputFd, send its text (or, started for drawing, the picture of a page), end. Returns the exit status of the program: 0 where the document was told or refused in order.
[[nodiscard]] int run_extract_worker(Task task);

}  // namespace sekisho::worker
