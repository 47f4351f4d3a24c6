// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/peak_memory.h"

#include <fstream>
#include <string>

namespace anam::cli {

// Not getrusage(): a process takes over the peak of the one that started it.
std::optional<std::uint64_t> peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return std::nullopt;
}

}  // namespace anam::cli
