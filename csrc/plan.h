// Who takes part when, from lengths or batch sizes; and where a sequence's vectors lie.
#pragma once

#include <vector>

#include "api.h"

namespace ostinato {

// The arrays behind a Plan.
struct Schedule {
  Index steps;  // T, those beyond the longest row too
  std::vector<Index> active, slot, order;

  Plan plan() const;
};

// Every row has T steps.
Schedule dense_schedule(Index T, Index B);

// Row b has lengths[b] of the T steps; any order.
Schedule ragged_schedule(const Index* lengths, Index T, Index B);

// As in a PackedSequence: the first batch_sizes[t] rows take part in step t.
Schedule packed_schedule(const Index* batch_sizes, Index T, Index B);

// The arrays behind a Sequence: where, from its data, the vector of a step and a rank begins.
struct Places {
  std::vector<Index> step, row;
};

// Of an array (T, B, ·); strides in elements.
Places padded_places(const Schedule&, Index step_stride, Index row_stride);

// Of an array (N, ·) that holds the slots one after another.
Places packed_places(const Schedule&, Index slot_stride);

// Sets to zero what no row reaches, of an array (T, B, width).
void zero_padding(const Schedule&, float* data, Index step_stride, Index row_stride, Index width);

}  // namespace ostinato
