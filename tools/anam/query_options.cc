// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/query_options.h"

#include <algorithm>
#include <thread>

#include "tools/anam/interrupt.h"

namespace anam::cli {

CohortRunOptions query_options(const Arguments& arguments) {
  CohortRunOptions options;
  options.threads =
      static_cast<unsigned>(arguments.number("threads", 1, 1024)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  options.memory = arguments.bytes("memory").value_or(default_query_memory());
  options.cancel = &catch_interrupts();
  if (const auto time = arguments.seconds("timeout"))
    options.deadline = std::chrono::steady_clock::now() + *time;
  return options;
}

std::vector<Option> query_option_list() {
  return {{"threads", "N", "default: all cores, as far as the memory reaches"},
          {"memory", "SIZE", "such as 512M or 4GiB; default: a 60th of the machine's"},
          {"timeout", "SECONDS", "ends the query when it takes longer"},
          release_option()};
}

}  // namespace anam::cli
