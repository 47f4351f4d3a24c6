// SPDX-License-Identifier: Apache-2.0
// Random rows of a load, and their way into a real one.
#pragma once

#include <random>
#include <vector>

#include "ingest/load.h"
#include "tests/model/model_store.h"

namespace anam::testing {

/// What rows are like.
struct RowShape {
  std::size_t patients = 100;  // ids are drawn from about so many
  std::size_t events = 1000;
  std::size_t codes = 40;    // distinct ones of a domain; the first are far more common
  std::size_t domains = 0;   // of events; 0: four or all
  std::int64_t days = 2000;  // events lie within so many
  unsigned attributes = 3;   // of an event, about
  bool persons = true;
  bool amendments = true;
  double most_events = 0.02;  // of all events, those of the one patient who has most
};

/// Attributes of all types; ids from kFirstLocalColumn on are named "local_<id>".
struct ColumnShape {
  ColumnId id;
  ColumnType type;
};
const std::vector<ColumnShape>& event_columns();
const std::vector<ColumnShape>& person_columns();

std::vector<Row> random_rows(std::mt19937_64& random, const RowShape& shape);

/// Adds the rows to the load in batches of `batch_rows`, by `threads` threads.
void add_rows(Load& load, const std::vector<Row>& rows, std::size_t batch_rows, unsigned threads);

}  // namespace anam::testing
