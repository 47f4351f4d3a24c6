// SPDX-License-Identifier: Apache-2.0
// The files of the `events` format (docs/events.md): their kinds, and a reader for each.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/import/attribute_cell.h"
#include "tools/import/import_run.h"
#include "tools/import/input_table.h"
#include "tools/import/row_writer.h"

namespace anam {

enum class EventsFileKind { kEvents, kPatients, kCodes, kHierarchy, kChildren, kMappings };

/// Tells a file's kind from its header. Throws Error(kInput), saying what is expected, when it is
/// none.
EventsFileKind kind_of_events_file(const std::filesystem::path& file);

/// Reads a file of events or of patients, or what others that share the reader leave of it. May run
/// beside others.
FileReport read_events(ImportRun& run, const std::shared_ptr<CsvReader>& csv,
                       const std::vector<KeptColumn>& keep, ImportSink& sink);
FileReport read_patients(ImportRun& run, const std::shared_ptr<CsvReader>& csv,
                         const std::vector<KeptColumn>& keep, ImportSink& sink);

/// What all files of the kind kChildren say.
struct ParentChild {
  std::map<CodeId, std::vector<CodeId>> children;
  std::unordered_map<CodeId, std::string> names;  // of the parents, for messages
};

/// Reads a file that says something about codes. These run one after the other, in the order of
/// the paths, so that the later definition of a code is the one that holds.
FileReport read_codes(ImportRun& run, const std::filesystem::path& file, ImportSink& sink);
FileReport read_hierarchy(ImportRun& run, const std::filesystem::path& file, ImportSink& sink);
FileReport read_children(ImportRun& run, const std::filesystem::path& file, ImportSink& sink,
                         ParentChild& tree);
FileReport read_mappings(ImportRun& run, const std::filesystem::path& file, ImportSink& sink);

/// Adds every code below each code. In memory: about 100 bytes for each parent and 4 for each
/// child. Throws Error(kInput) when a code is below itself.
void add_descendants_of(const ParentChild& tree, ImportSink& sink);

/// Everything in order: code files, then patients and events in parallel.
ImportReport read_events_files(ImportRun& run, const std::vector<std::filesystem::path>& files,
                               const std::vector<EventsFileKind>& kinds,
                               const std::vector<KeptColumn>& keep, ImportSink& sink);

}  // namespace anam
