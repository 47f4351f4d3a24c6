// SPDX-License-Identifier: Apache-2.0
// The one exception type of the library.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace anam {

/// Says who has to act on an Error. `anam` exits with 2 for kUsage, 130 after Ctrl-C, else with 1.
enum class ErrorCode : std::uint8_t {
  kIo = 1,         // the operating system refused: the message carries its reason
  kCorrupt = 2,    // bytes on disk are not what was written
  kVersion = 3,    // written by a newer (or a never released) version of the format
  kFull = 4,       // no room: disk, memory budget, or a fixed limit of the format
  kLocked = 5,     // another process is loading into this store
  kInput = 6,      // the data to load or the definition to run is at fault
  kUsage = 7,      // the call or the command line is at fault
  kCancelled = 8,  // the user asked to stop, or a time limit passed
};

/// Carries a code and a message for a person. The library throws nothing else on purpose
/// (std::bad_alloc may pass).
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Throws Error with the message "what: detail": what went wrong first, the values last.
[[noreturn]] void fail(ErrorCode code, std::string_view what, std::string_view detail = {});

}  // namespace anam
