// SPDX-License-Identifier: Apache-2.0
// Circe JSON: any bytes are a definition or an Error(kInput); a definition can be printed in both
// languages.
#include <stdexcept>

#include "query/circe/circe_reader.h"
#include "storage/error.h"
#include "tests/fuzz/round_trip.h"
#include "tests/fuzz/target.h"

namespace anam::test {

bool try_input(std::string_view bytes) {
  CohortDefinition definition;
  try {
    definition = parse_circe(bytes, "input");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInput) throw std::logic_error(error.what());
    return false;
  }
  check_text(definition);
  check_circe(definition, true);
  return true;
}

}  // namespace anam::test
