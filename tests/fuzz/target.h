// SPDX-License-Identifier: Apache-2.0
// What a fuzz target is. Each one stands in a file NAME_target.cc, which libFuzzer's main
// (fuzzer_entry.cc) and the ordinary tests (replay.cc) both call.
#pragma once

#include <string_view>

namespace anam::test {

/// Does with any bytes all that the target is about. Returns whether they were understood; throws
/// what is not an Error (see round_trip.h) when something is wrong. Does not depend on earlier
/// calls.
bool try_input(std::string_view bytes);

}  // namespace anam::test
