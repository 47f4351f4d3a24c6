// SPDX-License-Identifier: Apache-2.0
#include "storage/lazy_file.h"

#include <fcntl.h>

#include <string>

#include "storage/seal.h"

namespace anam {

LazyFile::LazyFile(const std::filesystem::path& path, const Seal& seal) : seal_(seal) {
  file_.emplace(path, O_RDONLY);
  check_size(*file_, seal);
}

const std::shared_ptr<SealedFile>& LazyFile::get() const {
  const std::lock_guard lock(mutex_);
  if (sealed_ == nullptr) {
    sealed_ = SealedFile::open(*file_, seal_);
    file_.reset();
  }
  return sealed_;
}

}  // namespace anam
