// SPDX-License-Identifier: Apache-2.0
// Small pieces of Circe JSON as whole definitions, and what the reader makes of them. For tests.
//
// Pieces are written with ' in place of ".
#pragma once

#include <string>
#include <string_view>

namespace anam::test {

/// With " in place of '.
std::string json(std::string_view piece);

/// A definition with the concept sets 1 "one" (OMOP:1001) and 2 "two" (OMOP:1002 and below), whose
/// index events are any visits. `more` are further fields.
std::string definition_with(std::string_view more);

/// The same with index events of one kind of criteria, as in index_with("Death", "'First': true").
std::string index_with(std::string_view type, std::string_view fields);

/// The same with one inclusion rule.
std::string rule_with(std::string_view group);

/// An inclusion rule that counts conditions of the set 1 as the fields say, without Criteria.
std::string count_with(std::string_view fields);

/// What parse_circe() makes of a definition, without its concept sets, each line as describe() has
/// it; lists of concepts are called as they are: {OMOP:'8507'}. Of an error, its message.
std::string read(const std::string& definition);

/// The line of read() that begins with `word`, without it; all of it where there is none.
std::string read_line(const std::string& definition, std::string_view word);

}  // namespace anam::test
