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

struct Division {
  Index passes;  // of one direction, each with rows and chunks of its own
  Index slices;  // of a pass
  int threads;   // that share a pass
  Index slots;   // of a chunk, about
};

constexpr Index most_passes = 16;  // of one direction
constexpr Index fewest_pass_rows = 8;
constexpr Index fewest_pass_slots = 64;
constexpr Index most_pass_floats = 1200;  // of a slot's da: those of a chunk fill a second-level cache

// Each thread has a pass of its own where it has enough to do: it then waits for no other, and multiplies only what it
// has written itself, which is in its own cache. Its gradients of the weights are its own, too, and are summed at the
// end. Otherwise the threads share one pass in each direction, with chunks of about a megabyte of da, or the depth of a
// product.
template <class Cell>
Division divide(const Layer& l, int threads) {
  const Index n = slice_count(l, threads), floats = da_floats<Cell>(l.hidden);
  const bool enough = n * l.directions == threads && n <= most_passes && l.plan.rows >= n * fewest_pass_rows &&
                      slots(l.plan) >= n * fewest_pass_slots;
  const Index megabyte = (Index{1} << 18) / floats;
  if (enough && floats <= most_pass_floats) return {n, 1, 1, larger(k_block, megabyte)};
  return {1, n, threads, larger(depth, megabyte)};
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
