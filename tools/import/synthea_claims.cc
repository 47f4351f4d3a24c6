// SPDX-License-Identifier: Apache-2.0
// Claims and their transactions. A claim has lines; a line is a charge and what was done with it
// until the next charge of the claim, in the order of the numbers of transactions. The files may
// have them in any order, so both are set aside by claim and joined there.
#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "storage/decimal.h"
#include "storage/error.h"
#include "tools/import/keyed_records.h"
#include "tools/import/packed_fields.h"
#include "tools/import/row_writer.h"
#include "tools/import/synthea_money.h"
#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

constexpr std::size_t kDiagnoses = 8;

/// How a record begins: the claim sorts before its transactions, these by their numbers.
constexpr char kClaimRecord = '0';
constexpr char kTransactionRecord = '1';
constexpr std::size_t kNumberDigits = 19;

enum ClaimField : std::size_t {
  kClaimPatient,
  kService,
  kVisit,
  kClaimProvider,
  kPrimary,
  kSecondary,
  kDepartment,
  kStatus,
  kClaimKind,
  kDiagnosis,
  kClaimFields = kDiagnosis + kDiagnoses,
};

enum LineField : std::size_t {
  kPatient,
  kType,
  kMethod,
  kTransferType,
  kFrom,
  kTo,
  kPlace,
  kCode,
  kModifier,
  kSecondModifier,
  kDiagnosisRef,
  kUnits,
  kLineVisit,
  kProvider,
  kAmount,
  kPayments,
  kAdjustments,
  kTransfers,
  kOutstanding,
  kLineFields,
};

FileReport set_claims_aside(SyntheaImport& import, const SyntheaFile& file, KeyedRecords& aside) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  std::array<SyntheaRows::Column, kClaimFields> columns = {
      rows.needed({"patientid"}),
      rows.needed({"servicedate"}),
      rows.column({"appointmentid"}),
      rows.column({"providerid"}),
      rows.column({"primarypatientinsuranceid"}),
      rows.column({"secondarypatientinsuranceid"}),
      rows.column({"departmentid"}),
      rows.column({"status1"}),
      rows.column({"healthcareclaimtypeid1"}),
  };
  for (std::size_t i = 0; i < kDiagnoses; ++i) {
    columns[kDiagnosis + i] = rows.column({"diagnosis" + std::to_string(i + 1)});
  }
  std::string record;
  while (rows.next()) {
    const std::string_view claim = rows.needed_text(id, "the claim's id is missing");
    rows.needed_text(columns[kClaimPatient], "the patient is missing");
    rows.needed_moment(columns[kService]);
    if (!rows.good()) continue;
    record.assign(1, kClaimRecord);
    for (const SyntheaRows::Column column : columns) pack_field(record, rows.text(column));
    rows.pack_kept(record);
    aside.add(claim, record);
  }
  return rows.finish();
}

FileReport set_transactions_aside(SyntheaImport& import, const SyntheaFile& file,
                                  KeyedRecords& aside) {
  SyntheaRows rows(import, file);
  const auto claim_id = rows.needed({"claimid"});
  const auto number_column = rows.needed({"chargeid"});
  const std::array<SyntheaRows::Column, kLineFields> columns = {
      rows.needed({"patientid"}),      rows.needed({"type"}),          rows.column({"method"}),
      rows.column({"transfertype"}),   rows.needed({"fromdate"}),      rows.column({"todate"}),
      rows.column({"placeofservice"}), rows.needed({"procedurecode"}), rows.column({"modifier1"}),
      rows.column({"modifier2"}),      rows.column({"diagnosisref1"}), rows.column({"units"}),
      rows.column({"appointmentid"}),  rows.column({"providerid"}),    rows.needed({"amount"}),
      rows.needed({"payments"}),       rows.column({"adjustments"}),   rows.column({"transfers"}),
      rows.column({"outstanding"}),
  };
  std::string record;
  while (rows.next()) {
    const std::string_view claim = rows.needed_text(claim_id, "the claim's id is missing");
    rows.needed_text(number_column, "the transaction's number is missing");
    const std::int64_t number = rows.integer(number_column);
    if (number < 0 && number != kNull) rows.wrong(number_column, "not a number of a transaction");
    rows.needed_text(columns[kPatient], "the patient is missing");
    if (synthea_transaction(rows.text(columns[kType])) == SyntheaTransaction::kUnknown) {
      rows.wrong(columns[kType],
                 "not a transaction (CHARGE, PAYMENT, ADJUSTMENT, TRANSFERIN, TRANSFEROUT)");
    }
    rows.needed_moment(columns[kFrom]);
    rows.moment(columns[kTo]);
    rows.needed_text(columns[kCode], "the code is missing");
    rows.integer(columns[kDiagnosisRef]);
    rows.decimal(columns[kUnits]);
    for (std::size_t field = kAmount; field <= kOutstanding; ++field) rows.cents(columns[field]);
    if (!rows.good()) continue;
    record.assign(1, kTransactionRecord);
    const std::string digits = std::to_string(number);
    record.append(kNumberDigits - digits.size(), '0') += digits;
    for (const SyntheaRows::Column column : columns) pack_field(record, rows.text(column));
    rows.pack_kept(record);
    aside.add(claim, record);
  }
  return rows.finish();
}

/// Fields of a record, and what --keep kept of its row.
template <std::size_t kCount>
struct Row {
  std::array<std::string_view, kCount> fields{};
  std::vector<std::string_view> kept;

  Row() = default;
  Row(std::string_view record, std::size_t kept_columns) {
    PackedFields in(record);
    for (std::string_view& field : fields) field = in.next();
    for (std::size_t i = 0; i < kept_columns; ++i) kept.push_back(in.next());
  }
  std::string_view operator[](std::size_t field) const { return fields[field]; }
};
using ClaimRow = Row<kClaimFields>;
using TransactionRow = Row<kLineFields>;

struct Line {
  TransactionRow first;  // the charge, where there is one
  SyntheaLedger money;
};

struct JoinCounts {
  std::uint64_t claims = 0, repeated = 0;
  std::uint64_t transactions = 0, without_claim = 0, without_charge = 0, strange_payments = 0;
  std::uint64_t ends_before_start = 0, strange_payers = 0, strange_departments = 0;
  SyntheaLedger money;

  void add(const JoinCounts& other) {
    claims += other.claims;
    repeated += other.repeated;
    transactions += other.transactions;
    without_claim += other.without_claim;
    without_charge += other.without_charge;
    strange_payments += other.strange_payments;
    ends_before_start += other.ends_before_start;
    strange_payers += other.strange_payers;
    strange_departments += other.strange_departments;
    money.add(other.money);
  }
};

std::int64_t cents_of(std::string_view text) { return parse_cents(text).value_or(0); }

/// The end of a line; the epoch stands for none.
std::optional<DayTime> end_of(const TransactionRow& row) {
  const std::optional<DayTime> end = parse_day_time(row[kTo]);
  if (end && end->day == 0 && end->second <= 0) return std::nullopt;
  return end;
}

/// What claims fill beyond the attributes that every store knows.
struct ClaimAttributes {
  ColumnId payer, secondary_payer, encounter_class, line_diagnosis, second_modifier;
  std::array<ColumnId, kSyntheaMoneys> money{};

  explicit ClaimAttributes(ImportSink& sink)
      : payer(sink.attribute("payer", ColumnType::kCode)),
        secondary_payer(sink.attribute("secondary_payer", ColumnType::kCode)),
        encounter_class(sink.attribute("encounter_class", ColumnType::kText)),
        line_diagnosis(sink.attribute("line_diagnosis", ColumnType::kCode)),
        second_modifier(sink.attribute("modifier_2", ColumnType::kText)) {
    for (std::size_t i = 0; i < kSyntheaMoneys; ++i) {
      money[i] =
          sink.attribute(synthea_money_attribute(static_cast<SyntheaMoney>(i)), ColumnType::kMoney);
    }
  }
};

/// Writes the events of one claim after the other. One thread.
class ClaimWriter {
 public:
  explicit ClaimWriter(SyntheaImport& import)
      : import_(import), out_(import.sink), codes_(import.sink), attributes_(import.sink) {
    for (const KeptColumn& kept : import.keep) {
      kept_.emplace_back(0, import.sink.attribute(kept.name, kept.type), kept.type, kept.name,
                         import.sink);
    }
  }

  /// Records of one claim, in their order.
  void write(std::span<const KeyedRecord> records) {
    std::optional<ClaimRow> claim;
    std::vector<Line> lines;
    for (const KeyedRecord& record : records) {
      const std::string_view text = record.record;
      if (text.front() == kClaimRecord) {
        claim ? ++counts_.repeated : ++counts_.claims;
        if (!claim) claim.emplace(text.substr(1), kept_.size());
      } else {
        add_transaction(TransactionRow(text.substr(1 + kNumberDigits), kept_.size()), lines);
        if (!claim) ++counts_.without_claim;
      }
    }
    const bool pharmacy =
        !lines.empty() && vocabulary_by_form(lines.front().first[kCode]) == "RxNorm";
    key_ = records.front().key;
    kind_ = {};
    if (claim && (*claim)[kClaimKind] == "1") kind_ = "professional";
    if (claim && (*claim)[kClaimKind] == "2") kind_ = "institutional";
    if (pharmacy) kind_ = "pharmacy";
    if (claim) write_claim(*claim, lines, pharmacy);
    for (std::size_t i = 0; i < lines.size(); ++i) write_line(claim, lines[i], i + 1);
  }

  JoinCounts finish() {
    out_.finish();
    return counts_;
  }

 private:
  void add_transaction(const TransactionRow& row, std::vector<Line>& lines) {
    const SyntheaTransaction type = synthea_transaction(row[kType]);
    if (type == SyntheaTransaction::kCharge || lines.empty()) {
      if (type != SyntheaTransaction::kCharge) ++counts_.without_charge;
      lines.push_back({row, {}});
    }
    TransactionAmounts amounts;
    amounts.amount = cents_of(row[kAmount]);
    amounts.payments = cents_of(row[kPayments]);
    amounts.adjustments = cents_of(row[kAdjustments]);
    amounts.transfers = cents_of(row[kTransfers]);
    amounts.outstanding = cents_of(row[kOutstanding]);
    if (!lines.back().money.add(type, row[kMethod], row[kTransferType], amounts)) {
      ++counts_.strange_payments;
    }
    ++counts_.transactions;
  }

  EventBatch& begin(std::string_view patient, Domain domain, CodeId code, const DayTime& start,
                    std::string_view visit) {
    EventBatch& batch = out_.next();
    batch.begin(patient, domain, code, start.day);
    if (start.second >= 0) batch.set(column::kSecond, start.second);
    batch.set_key(column::kVisitKey, visit);
    batch.set_key(column::kClaimKey, key_);
    batch.set_text(column::kClaimType, kind_);
    return batch;
  }

  void set_end(EventBatch& batch, const DayTime& start, const std::optional<DayTime>& end) {
    if (!end) return;
    batch.set(column::kEndDay, end->day);
    if (end->second >= 0) batch.set(column::kEndSecond, end->second);
    if (end->day < start.day) ++counts_.ends_before_start;
  }

  void set_payers(EventBatch& batch, const ClaimRow& claim) {
    const auto set = [&](ColumnId id, std::string_view payer) {
      const SyntheaPayers::Payer* known = import_.payers.find(payer);
      if (known != nullptr) batch.set(id, known->code);
    };
    set(attributes_.payer, claim[kPrimary]);
    set(attributes_.secondary_payer, claim[kSecondary]);
  }

  void set_kept(EventBatch& batch, std::span<const std::string_view> cells) {
    FileReport counted_already;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      kept_[i].parse(cells[i], counted_already);
      kept_[i].set(batch);
    }
  }

  /// The visit that a claim stands for (one for drugs is part of another's), and its diagnoses.
  void write_claim(const ClaimRow& claim, const std::vector<Line>& lines, bool pharmacy) {
    const DayTime service = parse_day_time(claim[kService]).value();
    for (const ClaimField field : {kPrimary, kSecondary}) {
      if (!claim[field].empty() && import_.payers.find(claim[field]) == nullptr) {
        ++counts_.strange_payers;
      }
    }
    if (!pharmacy) {
      const std::string_view known = class_of_department(claim[kDepartment]);
      if (known.empty()) ++counts_.strange_departments;
      EventBatch& batch = begin(claim[kClaimPatient], Domain::kVisit,
                                codes_.id_of(visit_code(known)), service, claim[kVisit]);
      batch.set_text(attributes_.encounter_class, known);
      batch.set_text(column::kProvider, claim[kClaimProvider]);
      batch.set_text(column::kSpecialtySource, import_.providers.specialty(claim[kClaimProvider]));
      batch.set_text(column::kStatusSource, claim[kStatus]);
      set_payers(batch, claim);
      if (!lines.empty()) {
        set_end(batch, service, end_of(lines.front().first));
        batch.set_text(column::kCareSite, lines.front().first[kPlace]);
      }
      set_kept(batch, claim.kept);
    }
    for (std::size_t i = 0; i < kDiagnoses; ++i) {
      if (claim[kDiagnosis + i].empty()) continue;
      begin(claim[kClaimPatient], Domain::kCondition, codes_.id("SNOMED", claim[kDiagnosis + i]),
            service, claim[kVisit])
          .set(column::kPosition, static_cast<std::int64_t>(i) + 1);
    }
  }

  void write_line(const std::optional<ClaimRow>& claim, const Line& line, std::size_t number) {
    const TransactionRow& row = line.first;
    const DayTime start = parse_day_time(row[kFrom]).value();
    const std::string_view vocabulary = vocabulary_by_form(row[kCode]);
    EventBatch& batch =
        begin(row[kPatient], vocabulary == "SNOMED" ? Domain::kProcedure : Domain::kDrug,
              codes_.id(vocabulary, row[kCode]), start, row[kLineVisit]);
    set_end(batch, start, end_of(row));
    batch.set(column::kClaimLine, static_cast<std::int64_t>(number));
    batch.set(column::kQuantity, parse_decimal(row[kUnits]).value_or(kNull));
    batch.set_text(column::kProvider, row[kProvider]);
    batch.set_text(column::kCareSite, row[kPlace]);
    batch.set_text(column::kModifierSource, row[kModifier]);
    batch.set_text(attributes_.second_modifier, row[kSecondModifier]);
    if (claim) {
      set_payers(batch, *claim);
      const std::int64_t diagnosis = parse_int64(row[kDiagnosisRef]).value_or(0);
      if (diagnosis >= 1 && diagnosis <= std::int64_t{kDiagnoses}) {
        const std::string_view code =
            (*claim)[kDiagnosis + static_cast<std::size_t>(diagnosis) - 1];
        if (!code.empty()) batch.set(attributes_.line_diagnosis, codes_.id("SNOMED", code));
      }
    }
    for (std::size_t i = 0; i < kSyntheaMoneys; ++i) {
      const auto money = static_cast<SyntheaMoney>(i);
      if (line.money[money] != 0 || money == SyntheaMoney::kCharged) {
        batch.set(attributes_.money[i], line.money[money]);
      }
    }
    set_kept(batch, row.kept);
    counts_.money.add(line.money);
  }

  SyntheaImport& import_;
  RowWriter out_;
  VocabularyCodes codes_;
  ClaimAttributes attributes_;
  std::vector<AttributeColumn> kept_;
  std::string_view key_;   // of the claim being written
  std::string_view kind_;  // its claim_type
  JoinCounts counts_;
};

void note(FileReport& report, const char* remark, std::uint64_t rows) {
  if (rows > 0) report.noted[remark] += rows;
}

}  // namespace

void name_claim_attributes(ImportSink& sink) { const ClaimAttributes named(sink); }

void read_synthea_claims(SyntheaImport& import, const SyntheaFile* claims,
                         const SyntheaFile* transactions, FileReport* claims_report,
                         FileReport* transactions_report) {
  constexpr std::uint64_t kUnpacked = 8;  // times the size of a compressed file
  std::uint64_t bytes = 0;
  for (const SyntheaFile* file : {claims, transactions}) {
    if (file != nullptr) bytes += size_of_file(file->path) * kUnpacked;
  }
  KeyedRecords aside(import.sink.scratch(), bytes);
  import.run.for_each(2, [&](std::size_t which) {
    if (which == 0 && claims != nullptr) *claims_report = set_claims_aside(import, *claims, aside);
  if (which == 1 && transactions != nullptr) {
    *transactions_report = set_transactions_aside(import, *transactions, aside);
  }
});

std::mutex mutex;
JoinCounts counts;
  import.run.for_each(aside.parts(), [&](std::size_t part) {
    ClaimWriter writer(import);
  const std::vector<KeyedRecord> records = aside.take(part);
  for (std::size_t first = 0, last = 0; first < records.size(); first = last) {
    while (last < records.size() && records[last].key == records[first].key) ++last;
    writer.write(std::span(records).subspan(first, last - first));
  }
  const JoinCounts more = writer.finish();
  const std::lock_guard lock(mutex);
  counts.add(more);
  }  // namespace anam
);
if (claims_report != nullptr) {
  claims_report->loaded = counts.claims;
  if (counts.repeated > 0) claims_report->skipped["repeated claim"] = counts.repeated;
  note(*claims_report, "payer that the payers table does not have", counts.strange_payers);
  note(*claims_report, "department that is not known: no code", counts.strange_departments);
}
if (transactions_report != nullptr) {
  transactions_report->loaded = counts.transactions;
  note(*transactions_report, "of a claim that claims does not have", counts.without_claim);
  note(*transactions_report, "before any charge of its claim", counts.without_charge);
  note(*transactions_report, "payment that does not say by whom", counts.strange_payments);
  note(*transactions_report, "end before start", counts.ends_before_start);
  import.notes.add(money_note(counts.money));
}
}

}  // namespace anam
