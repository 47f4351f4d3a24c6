// SPDX-License-Identifier: Apache-2.0
// The command `anam`: finds the subcommand, and turns errors into messages and exit codes.
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "storage/error.h"
#include "tools/anam/command_line.h"
#include "tools/anam/interrupt.h"
#include "tools/anam/output.h"

namespace anam::cli {
namespace {

constexpr int kDone = 0;
constexpr int kDataAtFault = 1;
constexpr int kCommandAtFault = 2;
constexpr int kInterrupted = 130;  // as shells say it: 128 and the number of SIGINT

int run(const std::vector<std::string>& words) {
  const std::vector<Subcommand> known = subcommands();
  const Invocation invocation = read_command_line(words, known);
  if (invocation.kind == Invocation::Kind::kRun) {
    if (invocation.subcommand != nullptr) return invocation.subcommand->run(invocation.arguments);
    std::cerr << help_text(known);
    return kCommandAtFault;
  }
  Output output;
  if (invocation.kind == Invocation::Kind::kVersion) {
    output.write("anam " ANAM_VERSION "\n");
  } else {
    output.write(invocation.subcommand != nullptr ? help_text(*invocation.subcommand)
                                                  : help_text(known));
  }
  output.finish();
  return kDone;
}

int run_and_report(const std::vector<std::string>& words) {
  try {
    return run(words);
  } catch (const ClosedOutput&) {
    return kDone;
  } catch (const Error& error) {
    std::cerr << "anam: " << error.what() << '\n';
    if (error.code() == ErrorCode::kCancelled && was_interrupted()) return kInterrupted;
    return error.code() == ErrorCode::kUsage ? kCommandAtFault : kDataAtFault;
  } catch (const std::bad_alloc&) {
    std::cerr << "anam: out of memory; give less with --memory, or use fewer --threads\n";
  } catch (const std::exception& error) {
    std::cerr << "anam: the system refused: " << error.what() << '\n';
  }
  return kDataAtFault;
}

}  // namespace
}  // namespace anam::cli

int main(int argc, char** argv) {
  anam::cli::guard_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // writing says EPIPE instead
  std::signal(SIGXFSZ, SIG_IGN);  // and EFBIG
  return anam::cli::run_and_report({argv + 1, argv + argc});
}
