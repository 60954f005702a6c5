#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "gate/label.h"
#include "gate/permit.h"

namespace sekisho::gate {

/// A value that travels with its label and cannot be read without a Permit that covers it.
///
///     Labeled<Passages> found = search.rank(…);
///     auto permit = gate.admit(actor, found.label(), {Destination::local_engine(), Destination::screen()}, purpose);
///     if (!permit) return fail(permit.error());
///     const Passages& passages = found.open(*permit);
///
/// Opening with a permit that does not cover the label is our bug and ends the process.
/// Threads: like a plain value.
template <typename T>
class Labeled {
 public:
  Labeled(T value, Label label) : value_(std::move(value)), label_(std::move(label)) {}

  [[nodiscard]] const Label& label() const { return label_; }

  /// Computes on the value without letting it out: the result bears the same label. `work` must be pure.
  template <typename Work>
  [[nodiscard]] auto map(Work&& work) const -> Labeled<std::decay_t<std::invoke_result_t<Work, const T&>>> {
    return {std::invoke(std::forward<Work>(work), value_), label_};
  }

  /// The same value under a label that protects at least as much.
  [[nodiscard]] Labeled raised(const Label& by) const& { return {value_, gate::join(label_, by)}; }
  [[nodiscard]] Labeled raised(const Label& by) && { return {std::move(value_), gate::join(label_, by)}; }

  [[nodiscard]] const T& open(const Permit& permit) const {
    CHECK(covers(permit.label(), label_));
    return value_;
  }
  [[nodiscard]] T take(const Permit& permit) && {
    CHECK(covers(permit.label(), label_));
    return std::move(value_);
  }

 private:
  template <typename A, typename B, typename Work>
  friend auto combine(const Labeled<A>& left, const Labeled<B>& right, Work&& work)
      -> Labeled<std::decay_t<std::invoke_result_t<Work, const A&, const B&>>>;
  template <typename A>
  friend Labeled<std::vector<A>> gather(std::vector<Labeled<A>> values);

  T value_;
  Label label_;
};

/// `work(left, right)`, a pure function, under the join of both labels.
template <typename A, typename B, typename Work>
[[nodiscard]] auto combine(const Labeled<A>& left, const Labeled<B>& right, Work&& work)
    -> Labeled<std::decay_t<std::invoke_result_t<Work, const A&, const B&>>> {
  return {std::invoke(std::forward<Work>(work), left.value_, right.value_), join(left.label_, right.label_)};
}

/// Many values as one, under the join of all their labels. None: the lowest label.
template <typename A>
[[nodiscard]] Labeled<std::vector<A>> gather(std::vector<Labeled<A>> values) {
  std::vector<A> all;
  all.reserve(values.size());
  Label label;
  for (Labeled<A>& value : values) {
    label = join(label, value.label_);
    all.push_back(std::move(value.value_));
  }
  return {std::move(all), std::move(label)};
}

}  // namespace sekisho::gate
