// How a pass walks over a ragged batch: in which order of steps, over which rows, through which memory.
#pragma once

#include "gemm.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// One row at one step of the forward pass: the state before it, and where the one after it and the gates go.
struct ForwardRow {
  const float* a;  // W_ih x + b, in the gates' panels
  const float* h;
  const float* c;
  float* h_out;  // before any projection
  float* c_out;
  float* gates;  // null: not kept
};

// One row at one step of the backward pass.
struct BackwardRow {
  const float* dy;     // what is added to the gradient of h: the output's gradient,
  const float* extra;  // and what comes from the step after it past the matrix product, or from the final state
  const float* gates;
  const float* h;
  const float* h_before;
  const float* c;
  const float* c_before;
  float* carry;  // in and out: the gradient of c (LSTM), or of h past the product (GRU)
  float* da;     // out, in the cell's parts
  float* dp;     // out, of a projection: the gradient of h
};

// Which gate of the input's and of the recurrent weights a part of `da` is the gradient of; -1: of none.
struct Part {
  int of_x;
  int of_h;
};

// Pieces of one allocation, each on a cache line of its own. Laid out twice: from null to learn the size, then in
// earnest.
class Arena {
 public:
  explicit Arena(float* base) : base_(base) {}

  template <class T>
  T* take(Index n) {
    T* piece = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + used_);
    used_ += ceil_div(n * static_cast<Index>(sizeof(T)), 64) * 16;
    return piece;
  }

  Index used() const { return used_; }

 private:
  float* base_;
  Index used_ = 0;
};

// The ranks one thread owns: first, first + stride, …
struct Slice {
  Index first;
  Index stride;
  Index count;

  Index rank(Index i) const { return first + i * stride; }

  // How many of them are among ranks 0 to n.
  Index among(Index n) const { return n <= first ? 0 : smaller(count, ceil_div(n - first, stride)); }
};

// Slice k of n. Rows of different lengths are dealt out in turn, so that every slice has long and short ones.
inline Slice slice_of(const Plan& plan, Index k, Index n) {
  const bool ragged = plan.steps > 0 && plan.active[plan.steps - 1] < plan.rows;
  if (ragged) return {k, n, ceil_div(plan.rows - k, n)};
  const Index first = plan.rows * k / n;
  return {first, 1, plan.rows * (k + 1) / n - first};
}

// The walk of one direction: positions 0, 1, … in the order in which the forward pass takes the steps.
struct Walk {
  const Plan* plan;
  bool reverse;

  Index time(Index position) const { return reverse ? plan->steps - 1 - position : position; }

  // Rows in the step at this position; none before the first and after the last.
  Index active(Index position) const {
    return position < 0 || position >= plan->steps ? 0 : plan->active[time(position)];
  }

  Index slot(Index position, Index rank) const { return plan->slot[time(position)] + rank; }
};

inline float* at(const Sequence& s, Index t, Index rank) { return s.data + s.step[t] + s.row[rank]; }
inline const float* at(const ConstSequence& s, Index t, Index rank) { return s.data + s.step[t] + s.row[rank]; }

inline Index slots(const Plan& plan) { return plan.slot[plan.steps]; }

constexpr int most_threads = 256;

// How many slices the rows of one direction are cut into.
inline Index slice_count(const Layer& l, int threads) {
  return larger(1, smaller(l.plan.rows, ceil_div(threads, l.directions)));
}

// Too little work is not worth waking another thread for.
inline int useful_threads(const Layer& l, int gates) {
  const Index work = slots(l.plan) * gates * l.hidden * (l.inputs + l.outputs) * l.directions;
  return work < 100000 ? 1 : static_cast<int>(smaller(l.threads, most_threads));
}

// Calls body(k) for k in [0, tasks) on the layer's threads.
template <class Body>
void in_parallel(int threads, Index tasks, Body body) {
  parallel(threads, tasks, [](void* context, Index k) { (*static_cast<Body*>(context))(k); }, &body);
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
