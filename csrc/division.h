// How the backward pass divides its work.
#pragma once

#include "products.h"
#include "sharing.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Floats of a slot's da: with some padding, lest rows of a power of two share cache lines.
template <class Cell>
constexpr Index da_floats(Index H) {
  return ceil_div(Cell::parts * H, L) * L + L;
}

// Either each thread has a pass of its own, which nobody shares, or all threads share one pass in each direction, in a
// slice each of its rows.
struct Division {
  Index passes;  // of one direction, each with rows and chunks of its own
  Index slices;  // of a pass
  int threads;   // that share a pass
  Index slots;   // of a chunk, at most, unless a step has more
};

// A pass of one's own pays with so many rows, slots, and floats of gradients that are summed at the end: those that a
// second-level cache holds.
constexpr Index fewest_pass_rows = 8;
constexpr Index fewest_pass_slots = 64;
constexpr Index most_pass_gradients = 3 << 18;
constexpr Index most_passes = 16;  // of one direction

constexpr Index pass_chunk_slots = 512;

// Whether n passes have about as many slots each. The first has most, as rows are dealt out by length.
inline bool even(const Plan& plan, Index n) {
  Index most = 0;
  for (Index t = 0; t < plan.steps; ++t) most += ceil_div(plan.active[t], n);
  return 4 * n * most <= 5 * slots(plan);
}

template <class Cell>
bool worth_own_passes(const Layer& l, Index n) {
  const Index inputs = l.tokens.of == nullptr ? l.inputs : l.tokens.count;
  return n <= most_passes && l.plan.rows >= n * fewest_pass_rows && slots(l.plan) >= n * fewest_pass_slots &&
         even(l.plan, n) && Cell::gates * l.hidden * (inputs + l.outputs) <= most_pass_gradients &&
         n * l.tokens.count <= slots(l.plan);
}

// A thread with a pass of its own waits for no other, and multiplies only what it has written itself, which is in its
// own cache. Its gradients of the weights are its own, too, and are summed at the end. A chunk has at least a megabyte
// of da.
template <class Cell>
Division divide(const Layer& l, int threads) {
  const Index n = slice_count(l, threads), megabyte = (Index{1} << 18) / da_floats<Cell>(l.hidden);
  if (n * l.directions == threads && worth_own_passes<Cell>(l, n)) return {n, 1, 1, larger(pass_chunk_slots, megabyte)};
  return {1, n, threads, larger(depth, megabyte)};
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
