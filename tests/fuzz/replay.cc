// SPDX-License-Identifier: Apache-2.0
// A fuzz target among the ordinary tests: every file of a corpus, then changed ones.
//
//   NAME_replay CORPUS_DIRECTORY [FILE]
//
// The changes follow from ANAM_TEST_SEED (1 if absent); ANAM_TEST_CASES says how many. Each input
// is left in the file, if one is given, before it is tried: for those that end the process.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

struct Piece {
  std::size_t begin;
  std::size_t size;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Words and numbers.
std::vector<Piece> words_of(const std::string& text) {
  std::vector<Piece> words;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    if (at > begin) words.push_back({begin, at - begin});
  }
  return words;
}

/// With its end.
Piece line_at(const std::string& text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return {begin, std::min(text.find('\n', at), text.size() - 1) + 1 - begin};
}

class Changer {
 public:
  explicit Changer(const std::vector<std::string>& corpus) : corpus_(corpus) {
    for (const std::string& text : corpus) {
      for (const Piece word : words_of(text)) words_.push_back(text.substr(word.begin, word.size));
    }
    std::ranges::sort(words_);
    words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  }

  std::string make(std::uint64_t seed) {
    random_.seed(seed);
    std::string text = corpus_[below(corpus_.size())];
    for (std::size_t n = 1 + below(3) / 2 * below(3); n > 0 && !text.empty(); --n) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  void change(std::string& text) {
    const std::size_t at = below(text.size());
    switch (below(12)) {
      case 0:
        text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.erase(at, 1 + below(30));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      case 3:
        text.insert(at, any_of_corpus(200));
        break;
      case 4:
        text.insert(line_at(text, at).begin, line_of_corpus());
        break;
      case 5: {
        const Piece line = line_at(text, at);
        text.erase(line.begin, line.size);
        break;
      }
      default:
        replace_word(text);
        break;
    }
  }

  std::string any_of_corpus(std::size_t most) {
    const std::string& other = corpus_[below(corpus_.size())];
    return other.substr(below(other.size()), below(most));
  }
  std::string line_of_corpus() {
    const std::string& other = corpus_[below(corpus_.size())];
    const Piece line = line_at(other, below(other.size()));
    return other.substr(line.begin, line.size);
  }

  // The structure stays as it is.
  void replace_word(std::string& text) {
    constexpr std::string_view kNumbers[] = {"0",  "1",          "-1",         "2147483647",
                                             "9.", "2147483648", "-999999999", "1e300"};
    const std::vector<Piece> words = words_of(text);
    if (words.empty()) return;
    const Piece word = words[below(words.size())];
    const bool number = is_digit(text[word.begin]);
    std::string_view by = words_[below(words_.size())];
    while (is_digit(by.front()) != number) by = words_[below(words_.size())];
    if (number && below(2) == 0) by = kNumbers[below(std::size(kNumbers))];
    text.replace(word.begin, word.size, by);
  }

  const std::vector<std::string>& corpus_;
  std::vector<std::string> words_;
  std::mt19937_64 random_;
};

bool is_understood(const std::string& input, const char* file) {
  if (file != nullptr) std::ofstream(file, std::ios::binary) << input;
  try {
    return anam::test::try_input(input);
  } catch (const std::exception& error) {
    std::cerr << "with the input\n" << input << '\n' << error.what() << '\n';
    std::exit(1);
  }
}

std::uint64_t setting(const char* name, std::uint64_t absent) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::stoull(given) : absent;
}

int replay(const std::filesystem::path& directory, const char* file) {
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator(directory), {});
  std::ranges::sort(paths);
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    if (!is_understood(corpus.back(), file)) {
      std::cerr << path << " is no definition\n";
      return 1;
    }
  }
  const std::uint64_t seed = setting("ANAM_TEST_SEED", 1);
  const std::uint64_t cases = setting("ANAM_TEST_CASES", 4000);
  std::cout << corpus.size() << " files; then " << cases << " changed ones, ANAM_TEST_SEED=" << seed
            << std::endl;
  Changer changer(corpus);
  std::uint64_t understood = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    understood += is_understood(changer.make(seed + i), file) ? 1 : 0;
  }
  std::cout << understood << " of them are definitions\n";
  return understood > cases / 20 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: " << argv[0] << " CORPUS_DIRECTORY [FILE]\n";
    return 2;
  }
  return replay(argv[1], argc == 3 ? argv[2] : nullptr);
}
