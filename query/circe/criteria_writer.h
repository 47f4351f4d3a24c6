// SPDX-License-Identifier: Apache-2.0
// Queries of events and groups of counts as Circe's criteria: the mirror of criteria.h and
// groups.h.
#pragma once

#include <string>
#include <vector>

#include "query/circe/concept_writer.h"
#include "query/circe/json_text.h"
#include "query/definition.h"

namespace anam::circe {

/// What criteria are written with.
struct Writing {
  ConceptWriter& concepts;
  bool by_record = false;
  std::size_t depth = 0;  // groups around them

  Writing deeper() const { return {concepts, by_record, depth + 1}; }
};

// `where` says in messages what the part belongs to.

/// The place of a query in messages.
std::string place_of(const EventQuery& query, const std::string& where);

/// {"DrugExposure": {...}} and the like.
JsonText criteria_json(const EventQuery& query, const Writing& writing, const std::string& where);

/// DemographicCriteria that together test the same: more than one where a field is tested twice.
std::vector<JsonText> demographic_json(const Demographic& demographic, const Writing& writing,
                                       const std::string& where);

/// A CriteriaGroup with all below it.
JsonText group_json(const Group& group, const Writing& writing, const std::string& where);

}  // namespace anam::circe
