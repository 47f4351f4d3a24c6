// SPDX-License-Identifier: Apache-2.0
// Values of a store's files as hexadecimal digits with a remark on each part.
#pragma once

#include <string>

#include "storage/sealed_file.h"

namespace anam::testing {

/// All keys and values of a file of shards, of codes, or of a catalog, in order.
std::string annotate_shards(const SealedFile& file);
std::string annotate_codes(const SealedFile& file);
std::string annotate_catalog(const SealedFile& file);

}  // namespace anam::testing
