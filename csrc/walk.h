// How a pass walks over a ragged batch: in which order of steps, and over which rows.
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

// Some of the ranks, or of a pass's rows: first, first + stride, …
struct Slice {
  Index first;
  Index stride;
  Index count;

  Index rank(Index i) const { return first + i * stride; }

  // How many of them are among ranks 0 to n.
  Index among(Index n) const {
    return n <= first ? 0 : smaller(count, stride == 1 ? n - first : ceil_div(n - first, stride));
  }
};

// Slice k of n of the first `rows`. Rows of different lengths are dealt out in turn, so that every slice has long and
// short ones.
inline Slice slice_of(const Plan& plan, Index rows, Index k, Index n) {
  const bool ragged = plan.steps > 0 && plan.active[plan.steps - 1] < plan.rows;
  if (ragged) return {k, n, ceil_div(rows - k, n)};
  const Index first = rows * k / n;
  return {first, 1, rows * (k + 1) / n - first};
}

// The walk of one direction: positions 0, 1, … in the order in which the forward pass takes the steps.
struct Walk {
  const Plan* plan;
  bool reverse;

  Index time(Index position) const { return reverse ? plan->steps - 1 - position : position; }
  Index position(Index time) const { return reverse ? plan->steps - 1 - time : time; }

  // Rows in the step at this position; none before the first and after the last.
  Index active(Index position) const {
    return position < 0 || position >= plan->steps ? 0 : plan->active[time(position)];
  }

  Index slot(Index position, Index rank) const { return plan->slot[time(position)] + rank; }
};

inline float* at(const Sequence& s, Index t, Index rank) { return s.data + s.step[t] + s.row[rank]; }
inline const float* at(const ConstSequence& s, Index t, Index rank) { return s.data + s.step[t] + s.row[rank]; }

inline Index slots(const Plan& plan) { return plan.slot[plan.steps]; }

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
