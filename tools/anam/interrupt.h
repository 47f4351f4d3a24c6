// SPDX-License-Identifier: Apache-2.0
// Ctrl-C.
#pragma once

#include <atomic>

namespace anam::cli {

/// From now on SIGINT and SIGTERM set the flag that this returns, so that work can end cleanly; a
/// second one ends the process at once (which a store survives, too).
const std::atomic<bool>& catch_interrupts();

/// Whether one of them has come since.
bool was_interrupted();

}  // namespace anam::cli
