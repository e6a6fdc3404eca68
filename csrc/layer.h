// One call of a layer, as numpy's arrays tell it; made into a Layer, and given to the kernels in use.
#pragma once

#include "api.h"

namespace ostinato {

constexpr int max_directions = 2;

// A sequence of vectors or ids, (T, B, ·), or packed (N, ·). Strides in elements.
template <class T>
struct Batch {
  T* data = nullptr;
  Index step_stride = 0;  // not used where it is packed
  Index row_stride = 0;   // from row to row of a step, packed or not
};

struct LayerCall {
  Kind kind;
  Index inputs, hidden, outputs;  // I, H, R
  Index steps, rows;              // T, B
  const Index* lengths;           // (B) or null
  const Index* batch_sizes;       // (T): the sequences are packed. Or null
  Batch<const float> x;           // or, its data being null:
  Batch<const Index> ids;         // tokens,
  const float* embedding;         // (V, I), and their vectors; null: one-hot
  Index vocabulary;               // V
  int directions;
  int threads;

  bool packed() const { return batch_sizes != nullptr; }
};

// Fill y, and everything the directions name but their `y`, which is set here. Throw InputError for an id outside
// the vocabulary, std::bad_alloc for want of memory.
void forward(const LayerCall&, Batch<float> y, ForwardDirection* directions);

// As forward; sets the directions' `y` and `dy`. dx and dembedding may be null.
void backward(const LayerCall&, Batch<const float> y, Batch<const float> dy, Batch<float> dx, float* dembedding,
              BackwardDirection* directions);

}  // namespace ostinato
