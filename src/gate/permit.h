#pragma once

#include <utility>
#include <vector>

#include "audit/entry.h"
#include "base/id.h"
#include "gate/label.h"
#include "gate/policy.h"

namespace sekisho::gate {

/// Proof that one release was allowed *and recorded*: only Gate makes it, and only once its Entry is durable.
/// Cannot be copied; moves to whoever uses it.
class Permit {
 public:
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) noexcept = default;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  [[nodiscard]] const PermitId& id() const { return id_; }
  /// What may be opened with it: everything that this label covers.
  [[nodiscard]] const Label& label() const { return label_; }
  [[nodiscard]] const std::vector<Destination>& destinations() const { return destinations_; }
  [[nodiscard]] bool is_for(const Destination& destination) const;
  [[nodiscard]] const audit::EntryReceipt& receipt() const { return receipt_; }

 private:
  friend class Gate;
  Permit(PermitId id, Label label, std::vector<Destination> destinations, audit::EntryReceipt receipt)
      : id_(std::move(id)), label_(std::move(label)), destinations_(std::move(destinations)), receipt_(receipt) {}

  PermitId id_;
  Label label_;
  std::vector<Destination> destinations_;
  audit::EntryReceipt receipt_;
};

}  // namespace sekisho::gate
