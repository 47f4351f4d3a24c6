// SPDX-License-Identifier: Apache-2.0
// Compares what a store answers with what the model of it answers.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "query/read/store_reader.h"
#include "query/read/timelines.h"
#include "tests/model/model_store.h"

namespace anam::testing {

/// Lines of a patient, by the patient's id.
using Lines = std::map<std::string, std::vector<std::string>>;

/// Every patient's timeline, as Event::print() has it, in the order of the store.
Lines read_timelines(const StoreReader& reader);
/// What is known about every person: "column=value".
Lines read_persons(const StoreReader& reader);
/// The same of the model; timelines are in the order of the store where one release has all of a
/// patient's events.
Lines timelines(const ModelStore& model);
Lines persons(const ModelStore& model);

/// True when the store holds exactly what the model does. Reads everything.
bool same(const StoreReader& reader, const ModelStore& model);

/// Asks `queries` random questions of each kind; REQUIREs the model's answers.
void check_store(const StoreReader& reader, const ModelStore& model, std::mt19937_64& random,
                 int queries);

}  // namespace anam::testing
