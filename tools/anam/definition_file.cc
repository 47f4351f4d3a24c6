// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/definition_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "query/circe/circe_reader.h"
#include "query/language/parser.h"
#include "storage/error.h"

namespace anam::cli {
namespace {

// No definition that a person or a tool writes is nearly as long.
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{64} << 20;

}  // namespace

std::string definition_id(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

CohortDefinition read_definition(const std::string& file, const StoreReader& reader) {
  const std::filesystem::path path(file);
  const bool json = path.extension() == ".json";
  if (!json && path.extension() != ".cohort") {
    fail(ErrorCode::kInput, "a definition is a file with the extension .cohort or .json", file);
  }
  std::error_code none;
  if (std::filesystem::is_directory(path, none))
    fail(ErrorCode::kInput, "a definition is a file, and this is a directory", file);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fail(ErrorCode::kInput, "cannot read the definition",
         file + ": " + std::generic_category().message(errno));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, none);
  if (!none && size > kMaxBytes)
    fail(ErrorCode::kInput, "the file is too large for a definition", file);
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) fail(ErrorCode::kIo, "cannot read the definition", file);
  if (json) return parse_circe(text.str(), file);
  return parse_cohort(text.str(), file,
                      [&reader](std::string_view name) -> std::optional<Attribute> {
                        const auto found = reader.find_attribute(name);
                        if (!found) return std::nullopt;
                        return Attribute{found->id, found->type};
                      });
}

}  // namespace anam::cli
