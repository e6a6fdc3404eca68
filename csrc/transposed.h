// Products with a transpose, dW = daᵀ·B, and the plain panels of matrices that are not transposed.
#pragma once

#include "arena.h"
#include "walk.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Rows of a product in blocks of about one size, as many for each thread unless they would be less than two tiles.
struct Blocks {
  Index rows;
  Index number;

  static Blocks of(Index rows, int threads) {
    const Index needed = ceil_div(rows, row_block), two_tiles = 2 * tile_rows(max_vectors);
    const Index even = ceil_div(needed, threads) * threads;
    return {rows, smaller(even, larger(needed, rows / two_tiles))};
  }

  Index first(Index k) const { return rows * k / number; }
  Index count(Index k) const { return first(k + 1) - first(k); }
};

// What a thread needs to make a block of rows.
struct WorkerScratch {
  float* block;
  const float** columns;
  float** targets;

  static WorkerScratch of(Arena& arena) {
    return {arena.take<float>(row_block * k_block), arena.take<const float*>(row_block), arena.take<float*>(row_block)};
  }
};

// Some columns of a matrix, as the rows of its transpose, ready to be multiplied; and the sum of each.
class Transposed {
 public:
  // Columns [first, first + count) of K rows, at most k_block, that are `stride` floats apart. They are copied
  // together: where they come from, each row is on a page of its own.
  Transposed(const float* data, Index stride, Index K, Index first, Index count, const WorkerScratch& scratch)
      : s_(scratch), count_(count), K_(K) {
    std::memset(sums_, 0, sizeof sums_);
    for (Index m = 0; m < count; ++m) s_.columns[m] = s_.block + m;
    for (Index k = 0; k < K; ++k) {
      const float* from = data + k * stride + first;
      float* to = s_.block + k * row_block;
      for (Index m = 0; m < count; m += L) {
        const vec v = load(from + m, smaller(L, count - m));
        store(to + m, v);
        store(sums_ + m, load(sums_ + m) + v);
      }
    }
  }

  // to (+)= the transpose times B's rows from b_first on; rows of `to` are `stride` floats apart. Nothing if `to` is
  // null.
  void multiply_by(const Panels& b, Index b_first, float* to, Index stride, bool add) const {
    if (to == nullptr) return;
    for (Index m = 0; m < count_; ++m) s_.targets[m] = to + m * stride;
    multiply_block<BlockColumns>(s_.columns, 0, count_, b, b_first, K_, s_.targets, add);
  }

  // to (+)= the sums. Nothing if `to` is null.
  void sum(float* to, bool add) const {
    for (Index m = 0; to != nullptr && m < count_; ++m) to[m] = add ? to[m] + sums_[m] : sums_[m];
  }

 private:
  const WorkerScratch& s_;
  Index count_;
  Index K_;
  float sums_[row_block];
};

inline Panels plain_panels(Arena& arena, bool wanted, Index K, Index N) {
  return {arena.take<float>(wanted ? panel_floats(K, N) : 0), wanted ? K : 0, N, max_vectors};
}

// Rows are packed some at a time, so that threads may share the work.
constexpr Index pack_block = 64;

inline Index pack_pieces(const Panels& panels) { return ceil_div(panels.K, pack_block); }

// Rows [first, first + count) of a matrix, at most pack_block of them, into plain panels.
template <class RowAt>
void pack_some_rows(const Panels& panels, Index first, Index count, RowAt row_at) {
  const float* rows[pack_block];
  for (Index k = 0; k < count; ++k) rows[k] = row_at(first + k);
  for (Index p = 0; p < panels.count(); ++p) pack_rows(panels, p, rows, count, first);
}

template <class RowAt>
void pack_piece(const Panels& panels, Index piece, RowAt row_at) {
  const Index first = piece * pack_block;
  pack_some_rows(panels, first, smaller(pack_block, panels.K - first), row_at);
}

// W_ih or W_hh, (G·H, N), the gates in the order of da's parts.
template <class Cell>
void pack_weights(const Panels& panels, Index piece, const float* weights, Index H, int first_part) {
  pack_piece(panels, piece, [&](Index k) {
    const Part& part = Cell::part[first_part + k / H];
    const Index gate = first_part == 0 ? part.of_x : part.of_h;
    return weights + (gate * H + k % H) * panels.N;
  });
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
