// SPDX-License-Identifier: Apache-2.0
// Files of a test: written, compressed, and removed at the end.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

/// A file with this content in the system's temporary folder, removed with the object.
class ScratchFile {
 public:
  explicit ScratchFile(std::string_view content, std::string_view suffix = ".csv") {
    static std::atomic<int> number = 0;
    path_ =
        (std::filesystem::temp_directory_path() / ("anam_csv_" + std::to_string(::getpid()) + "_" +
                                                   std::to_string(++number) + std::string(suffix)))
            .string();
    std::ofstream out(path_, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) throw std::runtime_error("cannot write " + path_);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// One gzip member.
inline std::string gzip(std::string_view text) {
  z_stream zlib = {};
  if (deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string result(deflateBound(&zlib, text.size()) + 64, '\0');
  std::string input(text);
  zlib.next_in = reinterpret_cast<Bytef*>(input.data());
  zlib.avail_in = static_cast<uInt>(input.size());
  zlib.next_out = reinterpret_cast<Bytef*>(result.data());
  zlib.avail_out = static_cast<uInt>(result.size());
  if (deflate(&zlib, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  result.resize(zlib.total_out);
  deflateEnd(&zlib);
  return result;
}
