// SPDX-License-Identifier: Apache-2.0
// Memory between the shards of a query.
#pragma once

#include <malloc.h>

namespace anam::cli {

/// Has the C library keep what is given back. Queries take and give back columns of some megabytes
/// shard by shard; by default each goes back to the system, which clears its pages again for the
/// next one: a third of the time of a cohort that postings answer. For processes that query.
inline void keep_freed_memory() {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the greatest that glibc takes
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

}  // namespace anam::cli
