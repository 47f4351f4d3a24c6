// SPDX-License-Identifier: Apache-2.0
#include "storage/error.h"

namespace anam {

void fail(ErrorCode code, std::string_view what, std::string_view detail) {
  std::string message(what);
  if (!detail.empty()) message.append(": ").append(detail);
  throw Error(code, message);
}

}  // namespace anam
