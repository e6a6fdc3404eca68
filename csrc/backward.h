// Backpropagation through time (Werbos 1990) for one layer, in chunks of steps, each in two phases:
//
//   1. every slice of the rows walks back over the chunk, W_hhᵀ da and the cell by turns, and leaves da;
//   2. what remains are large matrix products over the chunk's slots: dW = daᵀ·[x | h before], dx = da·W_ih.
//
// A chunk is short enough for its da to be still in the cache in phase 2.
#pragma once

#include "gradients.h"
#include "sharing.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Pieces of work that threads take by turns, each thread with scratch of its own.
template <class Body>
void share(int threads, Index pieces, const WorkerScratch* scratch, Body body) {
  Index next = 0;
  in_parallel(threads, smaller(threads, pieces), [&](Index worker) {
    for (Index k; (k = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < pieces;) body(k, scratch[worker]);
  });
}

// One direction.
template <class Cell>
struct BackwardPass {
  Chunks<Cell> chunks;
  Recurrence<Cell> recurrence;
  WeightProducts<Cell> weights;
  InputProducts<Cell> inputs;

  const Sequence* dx;  // null: not wanted, or its turn is after phase 2

  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d, Index slices, bool input_wanted) {
    chunks.lay_out(arena, l, d);
    recurrence.lay_out(arena, chunks, slices);
    weights.lay_out(arena, chunks, recurrence);
    inputs.lay_out(arena, chunks, input_wanted);
  }

  Index preparations() const { return recurrence.preparations() + inputs.preparations(); }

  void prepare(Index k) const {
    const Index first = recurrence.preparations();
    k < first ? recurrence.prepare(k) : inputs.prepare(k - first);
  }

  bool advance() {
    const bool more = chunks.advance();
    weights.start_chunk();
    return more;
  }

  Index phase_1_pieces() const { return recurrence.slices() + weights.operands(); }

  void phase_1(Index k) const {
    const Index first = recurrence.slices();
    k < first ? recurrence.walk_slice(k) : weights.pack_operand(k - first);
  }

  Index phase_2_pieces() const {
    return weights.pieces() + inputs.sum_pieces() + (dx == nullptr ? 0 : inputs.dx_pieces());
  }

  void phase_2(Index k, const WorkerScratch& scratch) const {
    if (k < weights.pieces()) return weights.piece(k, scratch);
    if ((k -= weights.pieces()) < inputs.sum_pieces()) return inputs.sum_piece(k);
    inputs.dx_piece(k - inputs.sum_pieces(), *dx, false, scratch);
  }
};

template <class Cell>
struct BackwardMemory {
  BackwardPass<Cell> pass[2];
  WorkerScratch scratch[most_threads];

  BackwardMemory(Arena& arena, const Layer& l, const BackwardDirection* d, int threads, bool input_wanted) {
    for (int k = 0; k < l.directions; ++k) pass[k].lay_out(arena, l, d[k], slice_count(l, threads), input_wanted);
    for (int k = 0; k < threads; ++k) scratch[k] = WorkerScratch::of(arena);
  }
};

// Zeros for what two directions will add to.
inline void clear_rows(const Layer& l, const Sequence& rows) {
  for (Index t = 0; t < l.plan.steps; ++t)
    for (Index rank = 0; rank < l.plan.active[t]; ++rank) std::memset(at(rows, t, rank), 0, l.inputs * sizeof(float));
}

template <class Cell>
void backward_in(BackwardMemory<Cell>& m, const Layer& l, int threads, const Sequence& dx, float* dembedding,
                 Index vocabulary) {
  using Pass = BackwardPass<Cell>;
  const int D = l.directions;
  // The pieces of both directions, numbered through.
  const auto share_both = [&](auto number, auto run) {
    const Index first = number(m.pass[0]), second = D == 2 ? number(m.pass[1]) : 0;
    share(threads, first + second, m.scratch, [&](Index k, const WorkerScratch& scratch) {
      k < first ? run(m.pass[0], k, scratch) : run(m.pass[1], k - first, scratch);
    });
  };
  // Where the directions meet, one after the other.
  const auto share_each = [&](auto number, auto run) {
    for (int k = 0; k < D; ++k)
      share(threads, number(m.pass[k]), m.scratch,
            [&](Index piece, const WorkerScratch& scratch) { run(m.pass[k], piece, k, scratch); });
  };

  share_both([](const Pass& p) { return p.preparations(); },
             [](const Pass& p, Index k, const WorkerScratch&) { p.prepare(k); });
  const bool meet = dx.data != nullptr && D == 2;
  if (meet) clear_rows(l, dx);
  for (int k = 0; k < D; ++k) m.pass[k].dx = dx.data == nullptr || meet ? nullptr : &dx;
  const auto advance = [&] {
    bool more = false;
    for (int k = 0; k < D; ++k) more = m.pass[k].advance() || more;
    return more;
  };
  while (advance()) {
    share_both([](const Pass& p) { return p.phase_1_pieces(); },
               [](const Pass& p, Index k, const WorkerScratch&) { p.phase_1(k); });
    share_both([](const Pass& p) { return p.phase_2_pieces(); },
               [](const Pass& p, Index k, const WorkerScratch& scratch) { p.phase_2(k, scratch); });
    if (meet)
      share_each(
          [](const Pass& p) { return p.inputs.dx_pieces(); },
          [&](const Pass& p, Index k, int, const WorkerScratch& scratch) { p.inputs.dx_piece(k, dx, true, scratch); });
  }
  if (l.plan.steps == 0)
    for (int k = 0; k < D; ++k) m.pass[k].weights.clear();
  share_both([](const Pass& p) { return p.inputs.weight_pieces(); },
             [](const Pass& p, Index k, const WorkerScratch& scratch) { p.inputs.weight_piece(k, scratch); });
  if (dembedding == nullptr) return;
  std::memset(dembedding, 0, vocabulary * l.inputs * sizeof(float));
  share_each([](const Pass& p) { return p.inputs.embedding_pieces(); },
             [&](const Pass& p, Index piece, int k, const WorkerScratch& scratch) {
               p.inputs.embedding_piece(piece, dembedding, k > 0, scratch);
             });
}

template <class Cell>
bool backward(const Layer& l, const BackwardDirection* d, Sequence dx, float* dembedding, Index vocabulary) {
  const int threads = useful_threads(l, Cell::gates);
  const bool input_wanted = dx.data != nullptr || dembedding != nullptr;
  Arena dry(nullptr);
  BackwardMemory<Cell>(dry, l, d, threads, input_wanted);
  float* memory = allocate(dry.used());
  if (memory == nullptr) return false;
  Arena arena(memory);
  BackwardMemory<Cell> m(arena, l, d, threads, input_wanted);
  backward_in(m, l, threads, dx, dembedding, vocabulary);
  release(memory, dry.used());
  return true;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
