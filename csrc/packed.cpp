#include "packed.h"

#include <new>

#include "dispatch.h"

namespace ostinato {
namespace {

// Each thread's own, so that threads may step at once; it only ever grows.
struct Scratch {
  float* memory = nullptr;
  Index floats = 0;

  ~Scratch() { release(memory); }

  float* at_least(Index wanted) {
    if (wanted > floats) {
      release(memory);
      memory = allocate(wanted);
      floats = memory == nullptr ? 0 : wanted;
      if (memory == nullptr) throw std::bad_alloc();
    }
    return memory;
  }
};

}  // namespace

Packed::Packed(Kind kind, Precision precision, Index inputs, Index hidden, Index outputs, const Weights& weights,
               const Scales& scales)
    : kernels_(kernels()),
      kind_(kind),
      precision_(precision),
      inputs_(inputs),
      hidden_(hidden),
      outputs_(outputs),
      packed_(allocate(kernels_.packed_size(kind, precision, inputs, hidden, outputs), true)) {
  if (packed_ == nullptr) throw std::bad_alloc();
  try {
    Scratch as_float32;
    float* scratch = nullptr;
    if (precision != Precision::float32)
      scratch = as_float32.at_least(kernels_.packed_size(kind, Precision::float32, inputs, hidden, outputs));
    kernels_.pack(kind, precision, inputs, hidden, outputs, weights, scales, packed_, scratch);
  } catch (...) {
    release(packed_);
    throw;
  }
}

Packed::~Packed() { release(packed_); }

void Packed::step(Index rows, const float* x, Index x_stride, const float* h, const float* c, float* h_out,
                  float* c_out) const {
  thread_local Scratch scratch;
  const bool backwards = turn_.fetch_add(1, std::memory_order_relaxed) % 2 != 0;
  kernels_.step(kind_, precision_, inputs_, hidden_, outputs_, packed_, rows, x, x_stride, h, c, h_out, c_out,
                backwards, scratch.at_least(kernels_.step_scratch(precision_, rows, inputs_, hidden_, outputs_)));
}

}  // namespace ostinato
