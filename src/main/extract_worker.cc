#include <cstdlib>
#include <string_view>

#include "worker/extract_session.h"

/// `sekisho-extract`: started by the server for one document; of no use by itself.
/// The argument "draw" makes pictures of pages of it instead of text.
int main(int count, char** arguments) {
  using sekisho::worker::Task;
  const bool draws = count == 2 && std::string_view(arguments[1]) == "draw";
  // Destructors of foreign libraries at exit would only touch what a hostile document left behind.
  std::_Exit(sekisho::worker::run_extract_worker(draws ? Task::kDraw : Task::kRead));
}
