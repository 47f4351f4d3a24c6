// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/csv_reader.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <mutex>
#include <utility>

#include "ingest/csv/input_file.h"
#include "storage/error.h"

namespace anam {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Of the usual delimiters the one that is most frequent outside of quotes; comma when there is
// none.
char detect_delimiter(std::string_view header) {
  constexpr std::string_view kCandidates = ",\t;|";
  std::array<std::size_t, kCandidates.size()> counts = {};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const std::size_t candidate = kCandidates.find(c);
    if (!quoted && candidate != std::string_view::npos) ++counts[candidate];
  }
  return kCandidates[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                              counts.begin())];
}

std::string_view without_carriage_return(std::string_view text) {
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

}  // namespace

struct CsvReader::State {
  InputFile file;
  CsvOptions options;
  CsvDialect dialect;
  std::vector<std::string> names;
  std::vector<std::string> lower_names;
  std::vector<std::size_t> selected;
  std::vector<char> buffer;
  std::size_t at = 0;  // buffer[at, end) is read and not yet delivered; `at` is the start of a row
  std::size_t end = 0;
  bool file_ended = false;
  std::uint64_t line = 1;  // physical line at `at`
  std::uint64_t told = 0;  // bytes of the file that batches know of
  std::mutex mutex;        // of all that changes while rows are read

  State(const std::string& path, const CsvOptions& given) : file(path), options(given) {
    options.window_bytes = std::clamp<std::size_t>(options.window_bytes, 1, 1U << 30);
    options.max_row_bytes = std::min<std::size_t>(options.max_row_bytes, 1U << 30);
    buffer.resize(std::max<std::size_t>(options.block_bytes, 4));
    dialect.quotes = options.quotes;
    refill();
    skip_byte_order_mark();
    read_header();
  }

  std::string place(std::uint64_t of_line) const {
    return file.path() + ", line " + std::to_string(of_line);
  }

  // Reads on behind what is there, moving it to the front first.
  void refill() {
    if (at > 0) std::memmove(buffer.data(), buffer.data() + at, end - at);
    end -= at;
    at = 0;
    if (end > buffer.size() / 2) buffer.resize(buffer.size() * 2);
    const std::size_t room = buffer.size() - end;
    const std::size_t got = file.read(buffer.data() + end, room);
    end += got;
    file_ended = got < room;
  }

  void skip_byte_order_mark() {
    const std::string_view front(buffer.data(), std::min<std::size_t>(end, 3));
    if (front == "\xEF\xBB\xBF") at = 3;
    if (front.substr(0, 2) == "\xFF\xFE" || front.substr(0, 2) == "\xFE\xFF") {
      fail(ErrorCode::kInput, "the file is UTF-16; convert it to UTF-8 first", file.path());
    }
  }

  // Scans from `at`, reading and widening until there is a row or the file has no more. Returns the
  // scanned text.
  std::string_view scan(RowIndex& index) {
    std::size_t window = options.window_bytes;
    for (;;) {
      if (end - at < window && !file_ended) {
        refill();
        if (end - at < window && !file_ended)
          continue;  // the buffer was mostly full: it grows with each call
      }
      const std::string_view text(buffer.data() + at, std::min(window, end - at));
      const bool last = file_ended && text.size() == end - at;
      scan_rows(text, dialect, last, options.level, index);
      if (index.row_count > 0 || last || text.size() > options.max_row_bytes) return text;
      window = std::min(window * 2, options.max_row_bytes + 1);
    }
  }

  void read_header() {
    const auto fail_empty = [this]() {
      fail(ErrorCode::kInput, "file is empty; a line with column names is expected", file.path());
    };
    RowIndex index;
    for (;;) {  // up to the first line that is not empty
      dialect.delimiter = options.delimiter;
      if (options.delimiter == '\0') dialect.delimiter = detect_delimiter(first_line());
      const std::string_view text = scan(index);
      if (index.row_count == 0) {
        if (index.quote_open)
          fail(ErrorCode::kInput, "quote is not closed in the header", place(line));
        if (text.empty()) fail_empty();
        fail(ErrorCode::kInput, "header is longer than a row may be", place(line));
      }
      const std::string_view row = take_row(index, text, 0);
      const bool empty = row.empty();
      if (!empty) {
        if ((index.rows[0].flags & RowIndex::kTextAfterQuote) != 0) {
          fail(ErrorCode::kInput, "text follows a closing quote in the header", place(line));
        }
        for (std::size_t f = 0; f + 1 < index.rows[0].end; ++f) add_name(raw_field(index, text, f));
      }
      line += 1 + lines_within(row, index.rows[0].flags);
      at += std::min<std::size_t>(index.field_ends[index.rows[0].end - 1] + 1, text.size());
      if (!empty) break;
    }
    selected.resize(names.size());
    for (std::size_t i = 0; i < selected.size(); ++i) selected[i] = i;
  }

  // Up to the first newline that is not quoted, for the detection of the delimiter, which need not
  // be exact in odd cases.
  std::string_view first_line() {
    std::size_t length = 0;
    bool quoted = false;
    for (;; ++length) {
      if (at + length == end) {
        if (file_ended || length > options.max_row_bytes) break;
        refill();
        if (at + length == end) break;
      }
      const char c = buffer[at + length];
      if (c == '"') quoted = !quoted;
      if (c == '\n' && !quoted) break;
    }
    return {buffer.data() + at, length};
  }

  void add_name(std::string_view field) {
    field = trim(field);
    // Also with `quotes` off: a name in quotes is never meant to have them.
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = field.substr(1, field.size() - 2);
    }
    std::string name(trim(field));
    for (std::size_t i = name.find("\"\""); i != std::string::npos; i = name.find("\"\"", i + 1))
      name.erase(i, 1);
    lower_names.push_back(lower(name));
    names.push_back(std::move(name));
  }

  static std::string_view raw_field(const RowIndex& index, std::string_view text,
                                    std::size_t field) {
    const std::uint32_t begin = index.field_ends[field] + 1;
    return text.substr(begin, index.field_ends[field + 1] - begin);
  }

  // The text of row k of the index, without the line's end.
  static std::string_view take_row(const RowIndex& index, std::string_view text, std::size_t k) {
    const std::uint32_t begin = k == 0 ? 0 : index.field_ends[index.rows[k - 1].end - 1] + 1;
    return without_carriage_return(
        text.substr(begin, index.field_ends[index.rows[k].end - 1] - begin));
  }

  static std::uint64_t lines_within(std::string_view row, std::uint32_t flags) {
    if ((flags & RowIndex::kNewlineInQuotes) == 0) return 0;
    return static_cast<std::uint64_t>(std::count(row.begin(), row.end(), '\n'));
  }

  // The next `size` bytes become the batch's own.
  std::string_view take_bytes(CsvBatch& batch, std::size_t size) {
    batch.bytes_.assign(buffer.data() + at, buffer.data() + at + size);
    batch.first_line_ = line;
    at += size;
    return {batch.bytes_.data(), size};
  }

  // Takes the first line of a row whose quote is not closed out of the text.
  void drop_unclosed(CsvBatch& batch) {
    const char* const begin = buffer.data() + at;
    const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', end - at));
    const std::size_t length =
        newline == nullptr ? end - at : static_cast<std::size_t>(newline - begin);
    const std::string_view text =
        take_bytes(batch, newline == nullptr ? length : length + 1).substr(0, length);
    batch.bad_rows_.push_back(
        {line, CsvBadRow::Reason::kQuoteNotClosed, 0, without_carriage_return(text)});
    ++line;
  }

  // Lines that the rows take.
  static std::uint64_t lines_of(const RowIndex& index, std::string_view text) {
    std::uint64_t lines = index.row_count;
    if (!index.any_quoted) return lines;
    for (std::size_t k = 0; k < index.row_count; ++k) {
      if ((index.rows[k].flags & RowIndex::kNewlineInQuotes) != 0)
        lines += lines_within(take_row(index, text, k), index.rows[k].flags);
    }
    return lines;
  }

  // Gives the batch its text, and finds the rows in it. False at the end of the file.
  bool take_rows(CsvBatch& batch) {
    const std::scoped_lock lock(mutex);
    batch.selected_ = selected;
    batch.index_.row_count = 0;
    if (at == end && file_ended) return false;
    const std::string_view text = scan(batch.index_);
    const RowIndex& index = batch.index_;
    batch.file_bytes_ = file.bytes_consumed() - told;
    told = file.bytes_consumed();
    if (index.row_count == 0) {
      if (index.quote_open) {
        drop_unclosed(batch);
        return true;
      }
      if (text.empty()) return false;
      fail(ErrorCode::kInput,
           "row is longer than " + std::to_string(options.max_row_bytes) + " bytes", place(line));
    }
    // A row may end at the text's end without a newline.
    const std::size_t used =
        std::size_t{index.field_ends[index.rows[index.row_count - 1].end - 1]} + 1;
    const std::string_view rows = take_bytes(batch, std::min(used, text.size()));
    line += lines_of(index, rows);
    return true;
  }

  bool next(CsvBatch& batch) {
    batch.lines_.clear();
    batch.texts_.clear();
    batch.bad_rows_.clear();
    batch.empty_lines_ = 0;
    batch.file_bytes_ = 0;
    batch.unescaped_.clear();
    if (!take_rows(batch)) return false;
    if (batch.index_.row_count == 0) return true;
    sort_rows(batch);
    const std::size_t needed = batch.rows() * batch.selected_.size();
    if (batch.fields_.size() < needed) batch.fields_.resize(needed);
    for (std::size_t i = 0; i < batch.selected_.size(); ++i) fill_column(batch, i);
    return true;
  }

  // Tells good rows from bad and empty ones, and numbers them.
  void sort_rows(CsvBatch& batch) const {
    const RowIndex& index = batch.index_;
    const char* const text = batch.bytes_.data();
    const std::size_t width = names.size();
    batch.lines_.resize(index.row_count);
    batch.texts_.resize(index.row_count);
    batch.first_fields_.resize(index.row_count);
    std::uint64_t next_line = batch.first_line_;
    std::size_t good = 0;
    std::uint32_t first = 0;
    std::uint32_t begin = 0;
    for (std::size_t k = 0; k < index.row_count; ++k) {
      const RowIndex::Row row = index.rows[k];
      const std::uint32_t row_end = index.field_ends[row.end - 1];
      const std::size_t fields = row.end - 1 - first;
      const std::string_view row_text(text + begin, row_end - begin);
      const std::uint64_t row_line = next_line++;
      if (fields == width && (row.flags & ~RowIndex::kQuoted) == 0 && row_text.size() > 1)
          [[likely]] {
        batch.lines_[good] = row_line;
        batch.texts_[good] = row_text;
        batch.first_fields_[good++] = first;
      } else {
        next_line += lines_within(row_text, row.flags);
        const std::string_view trimmed = without_carriage_return(row_text);
        if (trimmed.empty()) {
          ++batch.empty_lines_;
        } else if ((row.flags & RowIndex::kTextAfterQuote) != 0) {
          batch.bad_rows_.push_back(
              {row_line, CsvBadRow::Reason::kTextAfterQuote, fields, trimmed});
        } else if (fields != width) {
          using Reason = CsvBadRow::Reason;
          batch.bad_rows_.push_back(
              {row_line, fields < width ? Reason::kTooFewFields : Reason::kTooManyFields, fields,
               trimmed});
        } else {
          batch.lines_[good] = row_line;
          batch.texts_[good] = row_text;
          batch.first_fields_[good++] = first;
        }
      }
      first = row.end - 1;
      begin = row_end + 1;
    }
    batch.lines_.resize(good);
    batch.texts_.resize(good);
    for (std::string_view& row_text : batch.texts_) row_text = without_carriage_return(row_text);
  }

  // The i-th selected column.
  void fill_column(CsvBatch& batch, std::size_t i) const {
    const std::size_t column = batch.selected_[i];
    const std::size_t rows = batch.rows();
    std::string_view* const to = batch.fields_.data() + i * rows;
    const std::uint32_t* const ends = batch.index_.field_ends.data() + column;
    const char* const base = batch.bytes_.data();
    for (std::size_t r = 0; r < rows; ++r) {
      const std::uint32_t begin = ends[batch.first_fields_[r]] + 1;
      to[r] = {base + begin, ends[batch.first_fields_[r] + 1] - begin};
    }
    if (column + 1 == names.size()) {
      for (std::size_t r = 0; r < rows; ++r) to[r] = without_carriage_return(to[r]);
    }
    if (!batch.index_.any_quoted) return;
    for (std::size_t r = 0; r < rows; ++r) {
      if (!to[r].empty() && to[r].front() == '"') to[r] = unquote(batch, to[r]);
    }
  }

  // `field` begins and ends with a quote: the scan saw to that.
  static std::string_view unquote(CsvBatch& batch, std::string_view field) {
    assert(field.size() >= 2 && field.back() == '"');
    field = field.substr(1, field.size() - 2);
    if (!batch.index_.any_doubled || std::memchr(field.data(), '"', field.size()) == nullptr)
      return field;
    std::string& plain = batch.unescaped_.emplace_back();
    plain.reserve(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
      plain.push_back(field[i]);
      if (field[i] == '"') ++i;  // the second of two
    }
    return plain;
  }
};

CsvReader::CsvReader(const std::string& path, const CsvOptions& options)
    : state_(std::make_unique<State>(path, options)) {}
CsvReader::~CsvReader() = default;
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;

const std::vector<std::string>& CsvReader::names() const { return state_->names; }
const std::vector<std::string>& CsvReader::lower_names() const { return state_->lower_names; }

std::optional<std::size_t> CsvReader::find(std::string_view lower_name) const {
  const auto& all = state_->lower_names;
  const auto found = std::find(all.begin(), all.end(), lower_name);
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

void CsvReader::select(std::vector<std::size_t> columns) {
  for (const std::size_t column : columns) {
    if (column >= state_->names.size()) {
      fail(ErrorCode::kUsage, "no such column",
           state_->file.path() + ": column " + std::to_string(column));
    }
  }
  const std::scoped_lock lock(state_->mutex);
  state_->selected = std::move(columns);
}

bool CsvReader::next(CsvBatch& batch) { return state_->next(batch); }
char CsvReader::delimiter() const { return state_->dialect.delimiter; }
const std::string& CsvReader::path() const { return state_->file.path(); }
std::uint64_t CsvReader::bytes_consumed() const { return state_->file.bytes_consumed(); }
std::uint64_t CsvReader::file_bytes() const { return state_->file.size(); }

std::string CsvReader::describe(const CsvBadRow& row) const {
  std::string what;
  switch (row.reason) {
    case CsvBadRow::Reason::kTooFewFields:
    case CsvBadRow::Reason::kTooManyFields:
      what = "row has " + std::to_string(row.fields) + (row.fields == 1 ? " field" : " fields") +
             ", the header has " + std::to_string(state_->names.size());
      break;
    case CsvBadRow::Reason::kTextAfterQuote:
      what = "text follows a closing quote";
      break;
    case CsvBadRow::Reason::kQuoteNotClosed:
      what = "quote is not closed";
      break;
  }
  return what + ": " + state_->place(row.line);
}

}  // namespace anam
