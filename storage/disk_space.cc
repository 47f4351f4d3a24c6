// SPDX-License-Identifier: Apache-2.0
#include "storage/disk_space.h"

#include <sys/statvfs.h>
#include <unistd.h>

namespace anam {

std::optional<std::uint64_t> free_space(const std::filesystem::path& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0 || status.f_blocks == 0) return std::nullopt;
  const std::uint64_t blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail;
  return blocks * status.f_frsize;
}

}  // namespace anam
