// SPDX-License-Identifier: Apache-2.0
// Reads OMOP's vocabulary tables: concept, concept_synonym, concept_ancestor, concept_relationship.
#pragma once

#include <vector>

#include "tools/import/omop_run.h"

namespace anam {

/// Reads all vocabulary files into the load, on the calling thread. Concepts and synonyms go
/// through scratch partitions to meet, the other tables are streamed: memory does not grow with the
/// vocabulary.
std::vector<FileReport> read_omop_vocabulary(OmopRun& run, std::span<const OmopFile> files);

}  // namespace anam
