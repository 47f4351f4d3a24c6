// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/definition_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include "query/circe/circe_reader.h"
#include "query/language/parser.h"
#include "storage/error.h"

namespace anam::cli {
namespace {

// No definition that a person or a tool writes is nearly as long, or refers to others so deep.
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{64} << 20;
constexpr std::size_t kMaxDepth = 50;

std::string read_text(const std::string& file) {
  const std::filesystem::path path(file);
  if (path.extension() != ".json" && path.extension() != ".cohort") {
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
  return text.str();
}

// The same for all names of a file, links included.
std::filesystem::path identity(const std::string& file) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::canonical(file, error);
  return error ? std::filesystem::path(file).lexically_normal() : path;
}

}  // namespace

std::string definition_id(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

std::shared_ptr<const CohortDefinition> DefinitionFiles::read(const std::string& file) {
  const std::filesystem::path path = identity(file);
  const auto cycle = std::ranges::find(reading_, path);
  if (cycle != reading_.end()) {
    std::string chain;
    for (auto at = cycle; at != reading_.end(); ++at) chain += known_.at(*at).text.file + " -> ";
    fail(ErrorCode::kInput, "definitions refer to each other in a circle; one of them must go",
         chain + file);
  }
  if (reading_.size() == kMaxDepth)
    fail(ErrorCode::kInput, "definitions refer to each other too deep", file);
  if (!reading_.empty()) {
    auto& others = known_.at(reading_.back()).refers_to;
    if (std::ranges::find(others, path) == others.end()) others.push_back(path);
  }
  const auto known = known_.find(path);
  if (known != known_.end() && known->second.definition) return known->second.definition;
  Known& fresh = known_[path];
  fresh.refers_to.clear();
  reading_.push_back(path);
  try {
    fresh.text = {file, ""};
    fresh.text.text = read_text(file);
    fresh.definition = compile(file, fresh);
  } catch (...) {
    reading_.pop_back();
    throw;
  }
  reading_.pop_back();
  return fresh.definition;
}

std::shared_ptr<const CohortDefinition> DefinitionFiles::compile(const std::string& file,
                                                                 Known& known) {
  const std::filesystem::path directory = std::filesystem::path(file).parent_path();
  if (std::filesystem::path(file).extension() == ".json")
    return std::make_shared<const CohortDefinition>(parse_circe(known.text.text, file));
  const auto attribute = [this](std::string_view name) -> std::optional<Attribute> {
    if (reader_ == nullptr) return builtin_attribute(name);
    const auto found = reader_->find_attribute(name);
    if (!found) return std::nullopt;
    return Attribute{found->id, found->type};
  };
  const auto other = [&](std::string_view name) { return read((directory / name).string()); };
  return std::make_shared<const CohortDefinition>(
      parse_cohort(known.text.text, file, attribute, other));
}

std::vector<DefinitionFiles::Text> DefinitionFiles::texts(const std::string& file) const {
  std::vector<std::filesystem::path> all = {identity(file)};
  std::set<std::filesystem::path> seen(all.begin(), all.end());
  std::vector<Text> texts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Known& known = known_.at(all[i]);
    texts.push_back(known.text);
    for (const std::filesystem::path& next : known.refers_to) {
      if (seen.insert(next).second) all.push_back(next);
    }
  }
  return texts;
}

std::shared_ptr<const CohortDefinition> read_definition(const std::string& file,
                                                        const StoreReader& reader) {
  return DefinitionFiles(reader).read(file);
}

}  // namespace anam::cli
