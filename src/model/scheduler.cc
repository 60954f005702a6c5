#include "model/scheduler.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"

namespace sekisho::model {

Scheduler::Scheduler(Options options) : options_(options) { CHECK(options_.slots > 0 && options_.running_per_actor > 0); }

bool Scheduler::Candidate::before(const Candidate& other) const {
  if (waiting->ticket.follow_up != other.waiting->ticket.follow_up) return waiting->ticket.follow_up;
  if (!waiting->ticket.follow_up && start != other.start) return start < other.start;
  return waiting->number < other.waiting->number;
}

Result<void> Scheduler::push(const Ticket& ticket) {
  // A turn that has begun is not refused half-way: its next steps have room of their own.
  const std::size_t factor = ticket.follow_up ? 2 : 1;
  const std::size_t limit = factor * options_.queued;
  const std::size_t own_limit = factor * options_.queued_per_actor;
  if (waiting_ >= limit) return fail(ErrorCode::kBusy, fmt::format("{} requests wait already, at most {}", waiting_, limit));
  const auto found = actors_.find(ticket.actor);
  const std::size_t own = found == actors_.end() ? 0 : found->second.queue.size();
  if (own >= own_limit) {
    return fail(ErrorCode::kBusy, fmt::format("{} requests of this person wait already, at most {}", own, own_limit));
  }
  // Nobody waits, so nobody was made to wait: old debts mean nothing.
  if (waiting_ == 0) {
    for (auto& [name, actor] : actors_) actor.finish = now_;
    std::erase_if(actors_, [](const auto& entry) { return entry.second.running == 0; });
  }
  auto& queue = actors_[ticket.actor].queue;
  Waiting waiting{ticket, now_, next_number_++};
  waiting.ticket.cost_tokens = std::max<std::int64_t>(1, ticket.cost_tokens);
  // Within an actor the next step of a turn that has begun comes first too.
  const auto place =
      ticket.follow_up ? std::find_if(queue.begin(), queue.end(), [](const Waiting& w) { return !w.ticket.follow_up; }) : queue.end();
  queue.insert(place, std::move(waiting));
  ++waiting_;
  return {};
}

std::optional<Scheduler::Candidate> Scheduler::best() const {
  if (running_.size() >= options_.slots) return std::nullopt;
  std::optional<Candidate> best;
  for (const auto& [name, actor] : actors_) {
    if (actor.queue.empty() || !may_run(actor)) continue;
    const Candidate candidate{std::max(actor.queue.front().arrival, actor.finish), &actor.queue.front()};
    if (!best || candidate.before(*best)) best = candidate;
  }
  return best;
}

std::optional<Ticket> Scheduler::next() const {
  const auto chosen = best();
  return chosen ? std::optional(chosen->waiting->ticket) : std::nullopt;
}

std::optional<Ticket> Scheduler::pop() {
  const auto chosen = best();
  if (!chosen) return std::nullopt;
  Ticket ticket = chosen->waiting->ticket;
  Actor& actor = actors_.at(ticket.actor);
  actor.finish = chosen->start + static_cast<double>(ticket.cost_tokens);
  if (!ticket.follow_up) now_ = std::max(now_, chosen->start);
  actor.queue.pop_front();
  ++actor.running;
  --waiting_;
  running_.emplace(ticket.id, ticket);
  return ticket;
}

bool Scheduler::remove(std::uint64_t id) {
  for (auto& [name, actor] : actors_) {
    const auto found = std::find_if(actor.queue.begin(), actor.queue.end(), [&](const Waiting& w) { return w.ticket.id == id; });
    if (found == actor.queue.end()) continue;
    actor.queue.erase(found);
    --waiting_;
    return true;
  }
  return false;
}

void Scheduler::finish(std::uint64_t id, std::int64_t elapsed_ms, std::int64_t cost_tokens) {
  const auto found = running_.find(id);
  CHECK(found != running_.end());
  if (elapsed_ms > 0 && cost_tokens > 0) {
    const double measured = static_cast<double>(cost_tokens) * static_cast<double>(running_.size()) / static_cast<double>(elapsed_ms);
    tokens_per_ms_ = tokens_per_ms_ == 0 ? measured : 0.7 * tokens_per_ms_ + 0.3 * measured;
  }
  Actor& actor = actors_.at(found->second.actor);
  // The estimate was paid in advance; the difference is given back.
  if (cost_tokens > 0) actor.finish -= static_cast<double>(std::max<std::int64_t>(0, found->second.cost_tokens - cost_tokens));
  --actor.running;
  running_.erase(found);
}

std::vector<QueuePlace> Scheduler::places() const {
  std::vector<Candidate> order;
  for (const auto& [name, actor] : actors_) {
    double start = actor.finish;
    for (const Waiting& waiting : actor.queue) {
      start = std::max(start, waiting.arrival);
      order.push_back({start, &waiting});
      start += static_cast<double>(waiting.ticket.cost_tokens);
    }
  }
  std::sort(order.begin(), order.end(), [](const Candidate& a, const Candidate& b) { return a.before(b); });
  // Those that run are half done on average.
  double tokens_ahead = 0;
  for (const auto& [id, ticket] : running_) tokens_ahead += static_cast<double>(ticket.cost_tokens) / 2;
  if (running_.size() < options_.slots) tokens_ahead = 0;
  std::vector<QueuePlace> places;
  places.reserve(order.size());
  for (const Candidate& candidate : order) {
    const double estimate_s = tokens_per_ms_ > 0 ? tokens_ahead / tokens_per_ms_ / 1000 : 0;
    places.push_back({candidate.waiting->ticket.id, places.size(), estimate_s});
    tokens_ahead += static_cast<double>(candidate.waiting->ticket.cost_tokens);
  }
  return places;
}

}  // namespace sekisho::model
