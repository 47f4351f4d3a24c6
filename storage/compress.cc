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

using Context = std::unique_ptr<ZSTD_CCtx, FreeContext>;

// The fastest strategy with a step so wide that it hardly looks for matches. It would store
// literals as they are; the experimental parameter "literal compression mode" (1: Huffman) has it
// code them. Where a later zstd does not know the parameter, frames are larger, not wrong.
Context entropy_context() {
  constexpr int kHuffman = 1;
  constexpr int kSmallestHash = 6;
  constexpr int kStep = 4096;
  Context context(ZSTD_createCCtx());
  if (!context) return context;
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_strategy, ZSTD_fast);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_hashLog, kSmallestHash);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_targetLength, kStep);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_experimentalParam5, kHuffman);
  return context;
}

}  // namespace

bool zstd_compress(ByteSpan raw, int level, ZstdEffort effort, std::size_t limit, Bytes& out) {
  thread_local const Context kAtLevel(ZSTD_createCCtx());
  thread_local const Context kEntropyOnly = entropy_context();
  const Context& context = effort == ZstdEffort::kLevel ? kAtLevel : kEntropyOnly;
  if (!context) throw std::bad_alloc();
  if (effort == ZstdEffort::kLevel) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  }
  const std::size_t at = out.size();
  out.resize(at + limit);
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data() + at, limit, raw.data(), raw.size());
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
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> kContext(ZSTD_createDCtx());
  if (!kContext) throw std::bad_alloc();
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > limit) {
    fail(ErrorCode::kCorrupt, "zstd frame does not say its size, or holds too much");
  }
  raw.resize(size);
  const std::size_t done =
      ZSTD_decompressDCtx(kContext.get(), raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(done))
    fail(ErrorCode::kCorrupt, "zstd frame is damaged", ZSTD_getErrorName(done));
  if (done != raw.size()) fail(ErrorCode::kCorrupt, "zstd frame is shorter than it says");
}

}  // namespace anam
