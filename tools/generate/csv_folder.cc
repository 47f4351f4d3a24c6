// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/csv_folder.h"

#include <zlib.h>

#include <charconv>
#include <fstream>
#include <utility>
#include <vector>

#include "storage/calendar.h"
#include "storage/error.h"
#include "tools/generate/settings.h"

namespace anam::generate {
namespace {

/// The days of the model as texts, ten characters each.
const std::string& model_days() {
  static const std::string kDays = [] {
    std::string text;
    for (Day day = kFirstDayOfModel; day <= kLastDayOfModel; ++day) text += format_day(day);
    return text;
  }();
  return kDays;
}

/// A gzip member of its own: members may follow each other in a file.
std::string gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    fail(ErrorCode::kFull, "zlib has no memory to compress with");
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) fail(ErrorCode::kFull, "zlib cannot compress a window of lines");
  return packed;
}

}  // namespace

CsvText& CsvText::cell(std::string_view text) {
  comma();
  if (text.find_first_of(",\"\n") == std::string_view::npos) {
    text_ += text;
    return *this;
  }
  text_ += '"';
  for (const char c : text) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

CsvText& CsvText::cell(std::int64_t number) {
  comma();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text_.append(digits, end);
  return *this;
}

CsvText& CsvText::date(Day day) {
  if (day < kFirstDayOfModel || day > kLastDayOfModel) return cell(format_day(day));
  comma();
  text_.append(model_days(), static_cast<std::size_t>(day - kFirstDayOfModel) * 10, 10);
  return *this;
}

CsvText& CsvText::decimal(std::int64_t number, unsigned scale) {
  comma();
  char digits[24];
  if (number < 0) text_ += '-';
  const auto end = std::to_chars(digits, digits + sizeof digits, number < 0 ? -number : number).ptr;
  const auto length = static_cast<unsigned>(end - digits);
  if (length <= scale) text_ += '0';
  for (unsigned left = std::max(length, scale); left > 0; --left) {
    if (left == scale) text_ += '.';
    text_ += left > length ? '0' : digits[length - left];
  }
  return *this;
}

CsvFolder::CsvFolder(std::filesystem::path directory, bool compressed)
    : directory_(std::move(directory)), compressed_(compressed) {
  std::filesystem::create_directories(directory_);
  if (!std::filesystem::is_empty(directory_)) {
    fail(ErrorCode::kInput, "the directory has files already; name another one",
         directory_.string());
  }
}

std::filesystem::path CsvFolder::path(const std::string& name) const {
  return directory_ / (name + (compressed_ ? ".csv.gz" : ".csv"));
}

std::string CsvFolder::packed(const std::string& text) const {
  return compressed_ ? gzip(text) : text;
}

void CsvFolder::header(const std::string& name, std::string line) {
  headers_[name] = packed(line += '\n');
}

void CsvFolder::append(std::uint64_t number, Texts texts) {
  if (compressed_) {
    for (auto& [name, text] : texts) text = gzip(text);
  }
  const std::lock_guard lock(mutex_);
  waiting_.emplace(number, std::move(texts));
  for (auto ready = waiting_.begin(); ready != waiting_.end() && ready->first == next_;
       ready = waiting_.erase(ready), ++next_) {
    for (const auto& [name, text] : ready->second) add(name, text);
  }
}

void CsvFolder::add(const std::string& name, const std::string& bytes) {
  const std::filesystem::path file = path(name);
  if (!std::filesystem::exists(file)) {
    std::filesystem::create_directories(file.parent_path());
    const auto header = headers_.find(name.substr(0, name.find_first_of("/-")));
    if (header != headers_.end()) std::ofstream(file, std::ios::binary) << header->second;
  }
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail(ErrorCode::kIo, "cannot write a file; is the disk full?", file.string());
}

void CsvFolder::write(const std::string& name, const std::string& text) { add(name, packed(text)); }

void CsvFolder::finish() {
  if (!waiting_.empty()) {
    fail(ErrorCode::kUsage, "a window is missing", std::to_string(next_));
  }
}

}  // namespace anam::generate
