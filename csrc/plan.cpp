#include "plan.h"

#include <algorithm>
#include <numeric>

namespace ostinato {
namespace {

// The slots, once it is known how many rows take part in each step.
Schedule with_slots(Index T, std::vector<Index> active, std::vector<Index> order) {
  while (!active.empty() && active.back() == 0) active.pop_back();
  std::vector<Index> slot(active.size() + 1, 0);
  std::partial_sum(active.begin(), active.end(), slot.begin() + 1);
  return {T, std::move(active), std::move(slot), std::move(order)};
}

std::vector<Index> in_order(Index B) {
  std::vector<Index> order(B);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<Index> multiples(Index count, Index stride) {
  std::vector<Index> out(count);
  for (Index i = 0; i < count; ++i) out[i] = i * stride;
  return out;
}

}  // namespace

Plan Schedule::plan() const {
  return {static_cast<Index>(active.size()), static_cast<Index>(order.size()), active.data(), slot.data(),
          order.data()};
}

Schedule dense_schedule(Index T, Index B) { return with_slots(T, std::vector<Index>(T, B), in_order(B)); }

Schedule ragged_schedule(const Index* lengths, Index T, Index B) {
  // at_least[n]: the rows of at least n steps, which is also the rank where shorter ones begin.
  std::vector<Index> at_least(T + 2, 0);
  for (Index b = 0; b < B; ++b) ++at_least[lengths[b]];
  for (Index n = T; n >= 0; --n) at_least[n] += at_least[n + 1];
  std::vector<Index> active(at_least.begin() + 1, at_least.end() - 1);
  std::vector<Index> order(B);
  for (Index b = 0; b < B; ++b) order[at_least[lengths[b] + 1]++] = b;  // rows of one length keep their order
  return with_slots(T, std::move(active), std::move(order));
}

Schedule packed_schedule(const Index* batch_sizes, Index T, Index B) {
  return with_slots(T, std::vector<Index>(batch_sizes, batch_sizes + T), in_order(B));
}

Places padded_places(const Schedule& schedule, Index step_stride, Index row_stride) {
  Places places{multiples(schedule.plan().steps, step_stride), schedule.order};
  for (Index& row : places.row) row *= row_stride;
  return places;
}

Places packed_places(const Schedule& schedule, Index slot_stride) {
  Places places{schedule.slot, multiples(schedule.plan().rows, slot_stride)};
  for (Index& step : places.step) step *= slot_stride;
  return places;
}

void zero_padding(const Schedule& schedule, float* data, Index step_stride, Index row_stride, Index width) {
  const Plan plan = schedule.plan();
  for (Index t = 0; t < schedule.steps; ++t) {
    for (Index rank = t < plan.steps ? plan.active[t] : 0; rank < plan.rows; ++rank) {
      std::fill_n(data + t * step_stride + plan.order[rank] * row_stride, width, 0.0f);
    }
  }
}

}  // namespace ostinato
