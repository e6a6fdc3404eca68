// Backpropagation through time (Werbos 1990) for one layer, in chunks of steps, each in two phases:
//
//   1. every slice of the rows walks back over the chunk, W_hhᵀ da and the cell by turns, and leaves da;
//   2. what remains are large matrix products over the chunk's slots: dW = daᵀ·[x | h before], dx = da·W_ih.
//
// A chunk is short enough for its da to be still in the cache in phase 2. Rows may go through all of it apart from
// others, in a pass of their own.
#pragma once

#include "gradients.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Back through time with some rows of one direction.
template <class Cell>
struct BackwardPass {
  Chunks<Cell> chunks;
  Recurrence<Cell> recurrence;
  WeightProducts<Cell> weights;
  InputProducts<Cell> inputs;

  void start() const {
    recurrence.start();
    inputs.start();
    if (chunks.most_slots() == 0) weights.clear();
  }

  bool advance() {
    const bool more = chunks.advance();
    weights.start_chunk();
    return more;
  }

  // Part k of n of adding another pass's gradients of the weights.
  void add(const BackwardPass& other, Index k, Index n) const {
    weights.add(other.weights, k, n);
    inputs.add(other.inputs, k, n);
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

// Threads, each with scratch of its own.
struct Workers {
  int threads;
  const WorkerScratch* scratch;

  // body(piece, scratch) for each piece; threads take them by turns.
  template <class Body>
  void share(Index pieces, Body body) const {
    Index next = 0;
    in_parallel(threads, smaller(threads, pieces), [&](Index worker) {
      for (Index k; (k = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < pieces;) body(k, scratch[worker]);
    });
  }
};

// Some passes, and the threads that share them.
template <class Cell>
struct Team {
  using Pass = BackwardPass<Cell>;
  Pass* pass;
  Index passes;
  Workers workers;

  // Pieces of all passes, those of the first kind first.
  template <class... Kind>
  void share_kinds(const Kind&... kind) const {
    const auto count = [&](const auto& k) {
      Index number = 0;
      for (Index p = 0; p < passes; ++p) number += k.number(pass[p]);
      return number;
    };
    workers.share((0 + ... + count(kind)), [&](Index piece, const WorkerScratch& own) {
      // Whether the piece is of this kind, and done.
      const auto done = [&](const auto& k) {
        for (Index p = 0; p < passes; ++p) {
          const Index number = k.number(pass[p]);
          if (piece < number) return k.run(pass[p], piece, own), true;
          piece -= number;
        }
        return false;
      };
      static_cast<void>((... || done(kind)));
    });
  }

  bool advance() const {
    bool more = false;
    for (Index p = 0; p < passes; ++p) more = pass[p].advance() || more;
    return more;
  }

  void walk_back() const {
    const auto slices = pieces_of([](const Pass& p) { return p.recurrence.slices(); },
                                  [](const Pass& p, Index k, const WorkerScratch&) { p.recurrence.walk_slice(k); });
    const auto operands = pieces_of([](const Pass& p) { return p.weights.operands(); },
                                    [](const Pass& p, Index k, const WorkerScratch&) { p.weights.pack_operand(k); });
    const auto weights = pieces_of([](const Pass& p) { return p.weights.pieces(); },
                                   [](const Pass& p, Index k, const WorkerScratch& s) { p.weights.piece(k, s); });
    const auto inputs = pieces_of([](const Pass& p) { return p.inputs.dx_pieces(); },
                                  [](const Pass& p, Index k, const WorkerScratch& s) { p.inputs.dx_piece(k, s); });
    const auto sums = pieces_of([](const Pass& p) { return p.inputs.sum_pieces(); },
                                [](const Pass& p, Index k, const WorkerScratch&) { p.inputs.sum_piece(k); });
    workers.share(passes, [&](Index p, const WorkerScratch&) { pass[p].start(); });
    while (advance()) {
      share_kinds(slices, operands);
      share_kinds(weights, inputs, sums);
    }
  }
};

template <class Cell>
struct BackwardMemory {
  BackwardWeights<Cell> weights[2];
  BackwardPass<Cell> pass[2 * most_passes];  // those of one direction, then those of the other
  WorkerScratch scratch[most_threads];
  float* second_dx = nullptr;  // what the second direction gives, by slot, if wanted

  BackwardMemory(Arena& arena, const Layer& l, const BackwardDirection* d, const Division& division, int threads,
                 const Sequence& dx, bool embeddings_wanted) {
    const Index n = division.passes, step_rows = ceil_div(l.plan.rows, n * division.slices);
    if (l.directions == 2 && dx.data != nullptr) second_dx = arena.take<float>(slots(l.plan) * l.inputs);
    for (int k = 0; k < l.directions; ++k) {
      weights[k].lay_out(arena, l, d[k], step_rows, dx.data != nullptr || embeddings_wanted);
      for (Index i = 0; i < n; ++i) {
        BackwardPass<Cell>& p = pass[k * n + i];
        p.chunks.lay_out(arena, l, d[k], slice_of(l.plan, l.plan.rows, i, n), division);
        p.recurrence.lay_out(arena, p.chunks, weights[k], division.slices);
        p.weights.lay_out(arena, p.chunks, p.recurrence, i > 0);
        p.inputs.lay_out(arena, p.chunks, weights[k], dx, k == 0 ? nullptr : second_dx, embeddings_wanted);
      }
    }
    for (int k = 0; k < threads; ++k) scratch[k] = WorkerScratch::of(arena);
  }
  BackwardMemory(const BackwardMemory&) = delete;  // its parts know where the others are
  BackwardMemory& operator=(const BackwardMemory&) = delete;
};

// Part k of n of adding the second direction's dx.
inline void add_dx_part(const Layer& l, const Sequence& dx, const float* second, Index k, Index n) {
  const Plan& plan = l.plan;
  for (Index t = plan.steps * k / n; t < plan.steps * (k + 1) / n; ++t)
    for (Index rank = 0; rank < plan.active[t]; ++rank)
      add_to(at(dx, t, rank), second + (plan.slot[t] + rank) * l.inputs, l.inputs);
}

template <class Cell>
void backward_in(BackwardMemory<Cell>& m, const Layer& l, const Division& division, int threads, const Sequence& dx,
                 float* dembedding, Index vocabulary) {
  const Index D = l.directions, n = division.passes;
  const Index first = m.weights[0].pieces(), second = D == 2 ? m.weights[1].pieces() : 0;
  in_parallel(threads, first + second,
              [&](Index k) { k < first ? m.weights[0].pack(k) : m.weights[1].pack(k - first); });
  const Index teams = threads / division.threads, passes = n * D / teams;
  in_parallel(threads, teams, [&](Index k) {
    const Workers own{division.threads, m.scratch + k * division.threads};
    Team<Cell>{m.pass + k * passes, passes, own}.walk_back();
  });
  in_parallel(threads, n > 1 || m.second_dx != nullptr ? threads : 0, [&](Index part) {
    for (Index k = 0; k < n * D; ++k)
      if (k % n > 0) m.pass[k - k % n].add(m.pass[k], part, threads);
    if (m.second_dx != nullptr) add_dx_part(l, dx, m.second_dx, part, threads);
  });
  // What is left to do with the tokens' sums.
  const Workers all{threads, m.scratch};
  if (dembedding != nullptr) std::memset(dembedding, 0, vocabulary * l.inputs * sizeof(float));
  for (Index k = 0; k < D; ++k) {
    const InputProducts<Cell>& inputs = m.pass[k * n].inputs;
    all.share(inputs.weight_pieces(), [&](Index piece, const WorkerScratch& s) { inputs.weight_piece(piece, s); });
    all.share(dembedding == nullptr ? 0 : inputs.embedding_pieces(),
              [&](Index piece, const WorkerScratch& s) { inputs.embedding_piece(piece, dembedding, k > 0, s); });
  }
}

template <class Cell>
bool backward(const Layer& l, const BackwardDirection* d, Sequence dx, float* dembedding, Index vocabulary) {
  const int threads = useful_threads(l, Cell::gates);
  const Division division = divide<Cell>(l, threads);
  const auto memory_in = [&](Arena& arena) {
    return BackwardMemory<Cell>(arena, l, d, division, threads, dx, dembedding != nullptr);
  };
  Arena dry(nullptr);
  memory_in(dry);
  float* memory = allocate(dry.used());
  if (memory == nullptr) return false;
  Arena arena(memory);
  BackwardMemory<Cell> m = memory_in(arena);
  backward_in(m, l, division, threads, dx, dembedding, vocabulary);
  release(memory);
  return true;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
