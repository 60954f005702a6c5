#include <cstdlib>

#include "worker/extract_session.h"

/// `sekisho-extract`: started by the server for one document; of no use by itself.
int main() {
  // Destructors of foreign libraries at exit would only touch what a hostile document left behind.
  std::_Exit(sekisho::worker::run_extract_worker());
}
