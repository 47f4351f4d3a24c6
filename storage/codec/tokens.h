// SPDX-License-Identifier: Apache-2.0
// Tokens: numbers taken apart into one byte each, which an entropy coder makes small, and the bits
// that it could not. Column pages use it beneath zstd; it is no codec of encode_ints().
//
// The numbers are the values less their minimum, or their differences. A number u >= 0 below 2^m is
// token u. A larger one, with its highest bit at e, is token (e - m + 1) * 2^m + (the m bits below
// the highest), and its e - m lowest bits go to the remainder. A negative difference d is the token
// of ~d, plus the number of tokens that others need. m is the largest that gives at most 256
// tokens.
//
// Layout of the plain part:
//   u8                   bit 0: differences; bit 1: some are negative; from bit 2: m (0..8)
//   base                 zigzag varint: the minimum, or what the first difference is taken from
//   if some are negative: u8 tokens of others (1..255)
//   remainder            to the end: the remainders of all values as one little-endian bit stream
#pragma once

#include "storage/codec/codecs.h"

namespace anam::codec {

/// Appends the plain part to `plain`, and a token for each value to `tokens`: of the values or of
/// their differences, whichever takes fewer bits. Returns true for differences.
bool encode_tokens(Values values, const Statistics& statistics, Bytes& plain, Bytes& tokens);

/// The same where it is known which.
void encode_tokens(Values values, const Statistics& statistics, bool differences, Bytes& plain,
                   Bytes& tokens);

/// REQUIRES: tokens.size() == out.size(). Throws Error(kCorrupt) for what encode_tokens() cannot
/// have written.
void decode_tokens(ByteSpan plain, ByteSpan tokens, std::span<std::int64_t> out);

}  // namespace anam::codec
