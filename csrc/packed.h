// The weights of one direction of one layer, packed once for any number of steps.
#pragma once

#include <atomic>

#include "api.h"

namespace ostinato {

class Packed {
 public:
  // Throws std::bad_alloc.
  Packed(Kind, Precision, Index inputs, Index hidden, Index outputs, const Weights&, const Scales&);
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  ~Packed();

  // As Kernels::step, by the kernels that packed the weights.
  void step(Index rows, const float* x, Index x_stride, const float* h, const float* c, float* h_out,
            float* c_out) const;

  // The multiply-adds of one row's step, near enough.
  Index work() const { return 4 * hidden_ * (inputs_ + outputs_); }

 private:
  const Kernels& kernels_;
  Kind kind_;
  Precision precision_;
  Index inputs_, hidden_, outputs_;
  float* packed_;
  mutable std::atomic<unsigned> turn_{0};  // steps go through the weights to and fro
};

}  // namespace ostinato
