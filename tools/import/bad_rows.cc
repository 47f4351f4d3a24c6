// SPDX-License-Identifier: Apache-2.0
#include "storage/error.h"
#include "tools/import/importer.h"

namespace anam {
namespace {

constexpr std::size_t kShownBytes = 200;  // of a value, in messages

/// A value as one line of readable text: control characters would break the message or the
/// terminal.
std::string shown(std::string_view value) {
  std::string text(value.substr(0, kShownBytes));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  if (value.size() > kShownBytes) text += "...";
  return text;
}

void write_field(std::ostream& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out << field;
    return;
  }
  out << '"';
  for (const char c : field) {
    if (c == '"') out << '"';
    out << c;
  }
  out << '"';
}

}  // namespace

BadRows::BadRows(std::uint64_t max_bad_rows, std::filesystem::path file)
    : max_(max_bad_rows), file_(std::move(file)) {}

void BadRows::add(std::string_view file, std::uint64_t line, std::string_view column,
                  std::string_view value, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  ++count_;
  if (count_ > max_) {
    std::string place = std::string(file) + ", line " + std::to_string(line);
    if (!column.empty()) place += ", column " + std::string(column);
    place += ", value '" + shown(value) + "'";
    const std::string advice = max_ == 0 ? "; correct it, or tolerate such rows with --max-bad-rows"
                                         : "; more bad rows than the " + std::to_string(max_) +
                                               " of --max-bad-rows: correct them, or raise it";
    fail(ErrorCode::kInput, "row cannot be read: " + std::string(reason), place + advice);
  }
  if (file_.empty()) return;
  if (!out_.is_open()) {
    out_.open(file_, std::ios::binary | std::ios::trunc);
    out_ << "file,line,column,value,reason\n";
  }
  write_field(out_, file);
  out_ << ',' << line << ',';
  write_field(out_, column);
  out_ << ',';
  write_field(out_, value);
  out_ << ',';
  write_field(out_, reason);
  out_ << '\n' << std::flush;  // whatever happens to the load, the file tells which rows were bad
  if (!out_) fail(ErrorCode::kIo, "cannot write the file of bad rows", file_.string());
}

std::uint64_t BadRows::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace anam
