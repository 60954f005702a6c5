#include "crypto/ready.h"

#include <sodium.h>

#include "base/check.h"

namespace sekisho::crypto {

void make_ready() {
  static const bool ready = sodium_init() >= 0;
  CHECK(ready);
}

}  // namespace sekisho::crypto
