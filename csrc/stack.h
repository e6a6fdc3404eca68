// Stacked layers of one direction, packed for steps: all of them in one call.
#pragma once

#include <memory>
#include <vector>

#include "packed.h"

namespace ostinato {

struct StackLayer {
  Weights weights;
  Scales scales;
};

class Stack {
 public:
  // Throws std::bad_alloc.
  Stack(Kind, Precision, Index inputs, Index hidden, Index outputs, const std::vector<StackLayer>& layers);
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  Index inputs() const { return inputs_; }
  Index hidden() const { return hidden_; }
  Index outputs() const { return outputs_; }
  Index layers() const { return static_cast<Index>(layers_.size()); }
  bool has_c() const { return has_c_; }

  // The multiply-adds of one row's step, near enough.
  Index work() const;

  // One time step of `rows` rows. h, h_out: (layers, rows, R); c, c_out: (layers, rows, H), null but for the LSTM; each
  // may be its own output. y: (rows, R), a copy of the last layer's new h.
  void step(Index rows, const float* x, Index x_stride, const float* h, const float* c, float* h_out, float* c_out,
            float* y) const;

 private:
  Index inputs_, hidden_, outputs_;
  bool has_c_;
  std::vector<std::unique_ptr<Packed>> layers_;
};

}  // namespace ostinato
