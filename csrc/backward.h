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

  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d, Index slices, bool input_wanted) {
    chunks.lay_out(arena, l, d);
    recurrence.lay_out(arena, chunks, slices);
    weights.lay_out(arena, chunks, recurrence);
    inputs.lay_out(arena, chunks, input_wanted);
  }

  bool advance() {
    const bool more = chunks.advance();
    weights.start_chunk();
    return more;
  }
};

// Pieces of one kind: how many there are in a pass, and what each does, run(pass, piece, scratch).
template <class Number, class Run>
struct Pieces {
  Number number;
  Run run;
};

template <class Number, class Run>
Pieces<Number, Run> pieces_of(Number number, Run run) {
  return {number, run};
}

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
  // Pieces of both directions at once, those of the first kind first.
  const auto share_both = [&](const auto&... kind) {
    const auto count = [&](const auto& k) { return k.number(m.pass[0]) + (D == 2 ? k.number(m.pass[1]) : 0); };
    share(threads, (0 + ... + count(kind)), m.scratch, [&](Index piece, const WorkerScratch& scratch) {
      // Whether the piece is of this kind, and done.
      const auto done = [&](const auto& k) {
        for (int d = 0; d < D; ++d) {
          const Index number = k.number(m.pass[d]);
          if (piece < number) return k.run(m.pass[d], piece, scratch), true;
          piece -= number;
        }
        return false;
      };
      static_cast<void>((... || done(kind)));
    });
  };
  // One direction after the other, where both add to the same numbers.
  const auto share_each = [&](auto number, auto run) {
    for (int k = 0; k < D; ++k)
      share(threads, number(m.pass[k]), m.scratch,
            [&](Index piece, const WorkerScratch& scratch) { run(m.pass[k], piece, k, scratch); });
  };
  const auto recurrence_preparations =
      pieces_of([](const Pass& p) { return p.recurrence.preparations(); },
                [](const Pass& p, Index k, const WorkerScratch&) { p.recurrence.prepare(k); });
  const auto input_preparations = pieces_of([](const Pass& p) { return p.inputs.preparations(); },
                                            [](const Pass& p, Index k, const WorkerScratch&) { p.inputs.prepare(k); });
  const auto slices = pieces_of([](const Pass& p) { return p.recurrence.slices(); },
                                [](const Pass& p, Index k, const WorkerScratch&) { p.recurrence.walk_slice(k); });
  const auto operands = pieces_of([](const Pass& p) { return p.weights.operands(); },
                                  [](const Pass& p, Index k, const WorkerScratch&) { p.weights.pack_operand(k); });
  const auto weights = pieces_of([](const Pass& p) { return p.weights.pieces(); },
                                 [](const Pass& p, Index k, const WorkerScratch& s) { p.weights.piece(k, s); });
  const auto sums = pieces_of([](const Pass& p) { return p.inputs.sum_pieces(); },
                              [](const Pass& p, Index k, const WorkerScratch&) { p.inputs.sum_piece(k); });
  const auto inputs =
      pieces_of([&](const Pass& p) { return dx.data == nullptr ? 0 : p.inputs.dx_pieces(); },
                [&](const Pass& p, Index k, const WorkerScratch& s) { p.inputs.dx_piece(k, dx, D == 2, s); });
  const auto token_weights =
      pieces_of([](const Pass& p) { return p.inputs.weight_pieces(); },
                [](const Pass& p, Index k, const WorkerScratch& s) { p.inputs.weight_piece(k, s); });

  share_both(recurrence_preparations, input_preparations);
  if (dx.data != nullptr && D == 2) clear_rows(l, dx);
  const auto advance = [&] {
    bool more = false;
    for (int k = 0; k < D; ++k) more = m.pass[k].advance() || more;
    return more;
  };
  while (advance()) {
    share_both(slices, operands);
    if (D == 1 || apart(m.pass[0].chunks.chunk(), m.pass[1].chunks.chunk())) {
      share_both(weights, inputs, sums);
    } else {
      share_both(weights, sums);
      share_each(inputs.number, [&](const Pass& p, Index k, int, const WorkerScratch& s) { inputs.run(p, k, s); });
    }
  }
  if (l.plan.steps == 0)
    for (int k = 0; k < D; ++k) m.pass[k].weights.clear();
  share_both(token_weights);
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
  release(memory);
  return true;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
