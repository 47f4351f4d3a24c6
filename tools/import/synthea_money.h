// SPDX-License-Identifier: Apache-2.0
// The money of claims, by what was done with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace anam {

/// What a transaction of a claim does, as the TYPE column says it.
enum class SyntheaTransaction : std::uint8_t {
  kCharge,
  kPayment,
  kAdjustment,
  kTransferIn,
  kTransferOut,
  kUnknown,
};

SyntheaTransaction synthea_transaction(std::string_view type);

/// One kind of amount; each is an attribute of a claim's line.
enum class SyntheaMoney : std::uint8_t {
  kCharged,
  kPaid,             // by whomever
  kPaidByPayer,      // of this, by insurers
  kPaidBySecondary,  // ... of this, by the secondary one
  kPaidByPatient,    // of kPaid, by the patient
  kCopay,            // ... of this, as copayment
  kAdjusted,
  kTransferredOut,
  kTransferredToSecondary,
  kTransferredToPatient,
  kOutstanding,  // after the last transaction of the line
};
inline constexpr std::size_t kSyntheaMoneys = 11;

/// The attribute that holds it.
std::string_view synthea_money_attribute(SyntheaMoney money);

/// The amounts of a transaction; 0 for what its row does not say.
struct TransactionAmounts {
  std::int64_t amount = 0, payments = 0, adjustments = 0, transfers = 0, outstanding = 0;  // cents
};

/// Amounts of a line, or sums of many. Adding up throws Error(kInput) beyond 64 bits.
class SyntheaLedger {
 public:
  std::int64_t operator[](SyntheaMoney money) const {
    return cents_[static_cast<std::size_t>(money)];
  }

  /// Adds a transaction of a line; those of a line come in their order. False for a payment of
  /// which METHOD does not say who made it: it counts as paid alone.
  bool add(SyntheaTransaction type, std::string_view method, std::string_view transfer_type,
           const TransactionAmounts& amounts);
  /// Adds all amounts of another ledger.
  void add(const SyntheaLedger& other);

 private:
  void add(SyntheaMoney money, std::int64_t cents);

  std::array<std::int64_t, kSyntheaMoneys> cents_{};
  bool secondary_ = false;  // the rest was transferred to the secondary insurer
};

/// "claims: charged 10.00; paid 8.00 (5.00 by payers, ...); ...", for the summary.
std::string money_note(const SyntheaLedger& sums);

}  // namespace anam
