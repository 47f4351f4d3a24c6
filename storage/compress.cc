// SPDX-License-Identifier: Apache-2.0
#include "storage/compress.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <memory>
#include <new>

namespace anam {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

bool zstd_compress(ByteSpan raw, int level, std::size_t limit, Bytes& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  const std::size_t at = out.size();
  out.resize(at + limit);
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), out.data() + at, limit, raw.data(), raw.size(), level);
  if (!ZSTD_isError(size)) {
    out.resize(at + size);
    return true;
  }
  out.resize(at);
  if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) return false;
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  fail(ErrorCode::kFull, "zstd cannot compress", ZSTD_getErrorName(size));
}

void zstd_decompress(ByteSpan frame, std::size_t limit, Bytes& raw) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > limit) {
    fail(ErrorCode::kCorrupt, "zstd frame does not say its size, or holds too much");
  }
  raw.resize(size);
  const std::size_t done =
      ZSTD_decompressDCtx(context.get(), raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(done))
    fail(ErrorCode::kCorrupt, "zstd frame is damaged", ZSTD_getErrorName(done));
  if (done != raw.size()) fail(ErrorCode::kCorrupt, "zstd frame is shorter than it says");
}

}  // namespace anam
