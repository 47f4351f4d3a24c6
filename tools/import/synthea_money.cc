// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_money.h"

#include <algorithm>
#include <utility>

#include "storage/decimal.h"
#include "storage/error.h"

namespace anam {
namespace {

using enum SyntheaMoney;

constexpr std::pair<std::string_view, SyntheaTransaction> kTypes[] = {
    {"CHARGE", SyntheaTransaction::kCharge},
    {"PAYMENT", SyntheaTransaction::kPayment},
    {"ADJUSTMENT", SyntheaTransaction::kAdjustment},
    {"TRANSFERIN", SyntheaTransaction::kTransferIn},
    {"TRANSFEROUT", SyntheaTransaction::kTransferOut},
};

constexpr std::string_view kAttributes[kSyntheaMoneys] = {
    "charged",
    "paid",
    "paid_by_payer",
    "paid_by_secondary",
    "paid_by_patient",
    "copay",
    "adjusted",
    "transferred_out",
    "transferred_to_secondary",
    "transferred_to_patient",
    "outstanding",
};

}  // namespace

SyntheaTransaction synthea_transaction(std::string_view type) {
  const auto* found =
      std::ranges::find(kTypes, type, &std::pair<std::string_view, SyntheaTransaction>::first);
  return found == std::end(kTypes) ? SyntheaTransaction::kUnknown : found->second;
}

std::string_view synthea_money_attribute(SyntheaMoney money) {
  return kAttributes[static_cast<std::size_t>(money)];
}

void SyntheaLedger::add(SyntheaMoney money, std::int64_t cents) {
  std::int64_t& sum = cents_[static_cast<std::size_t>(money)];
  if (__builtin_add_overflow(sum, cents, &sum)) {
    fail(ErrorCode::kInput, "amounts of claims are too large to be added up",
         std::string(synthea_money_attribute(money)));
  }
}

bool SyntheaLedger::add(SyntheaTransaction type, std::string_view method,
                        std::string_view transfer_type, const TransactionAmounts& amounts) {
  if (type == SyntheaTransaction::kCharge) add(kCharged, amounts.amount);
  add(kAdjusted, amounts.adjustments);
  cents_[static_cast<std::size_t>(kOutstanding)] = amounts.outstanding;
  if (type == SyntheaTransaction::kTransferOut) add(kTransferredOut, amounts.transfers);
  if (type == SyntheaTransaction::kTransferIn) {
    secondary_ = transfer_type == "2";
    add(secondary_ ? kTransferredToSecondary : kTransferredToPatient, amounts.transfers);
  }
  add(kPaid, amounts.payments);
  if (amounts.payments == 0) return true;
  if (method == "ECHECK") {
    add(kPaidByPayer, amounts.payments);
    if (secondary_) add(kPaidBySecondary, amounts.payments);
    return true;
  }
  if (method != "COPAY" && method != "CASH" && method != "CHECK" && method != "CC") return false;
  add(kPaidByPatient, amounts.payments);
  if (method == "COPAY") add(kCopay, amounts.payments);
  return true;
}

void SyntheaLedger::add(const SyntheaLedger& other) {
  for (std::size_t i = 0; i < kSyntheaMoneys; ++i) {
    add(static_cast<SyntheaMoney>(i), other.cents_[i]);
  }
}

std::string money_note(const SyntheaLedger& sums) {
  const auto text = [&sums](SyntheaMoney money) { return format_cents(sums[money]); };
  return "claims: charged " + text(kCharged) + "; paid " + text(kPaid) + ", of which " +
         text(kPaidByPayer) + " by payers (" + text(kPaidBySecondary) + " by secondary ones) and " +
         text(kPaidByPatient) + " by patients (" + text(kCopay) + " as copayment); adjusted " +
         text(kAdjusted) + "; transferred " + text(kTransferredToSecondary) +
         " to secondary payers and " + text(kTransferredToPatient) +
         " to patients; all of it stored";
}

}  // namespace anam
