// What the backward pass multiplies: packed right-hand matrices with blocks of rows, or with blocks of columns as the
// rows of a transpose. On the matrix unit if there is one, otherwise in tiles of vectors.
#pragma once

#include "arena.h"
#include "walk.h"
#if defined(__AMX_BF16__)
#include "matrix_unit.h"
#endif

namespace ostinato::OSTINATO_ISA {
namespace {

inline Panels plain_panels(Arena& arena, bool wanted, Index K, Index N) {
  return {arena.take<float>(wanted ? panel_floats(K, N) : 0), wanted ? K : 0, N, max_vectors};
}

#if defined(__AMX_BF16__)
using RightMatrix = SplitPanels;
using LeftColumns = SplitRows;
constexpr auto left_columns = split_columns;

inline RightMatrix right_matrix(Arena& arena, bool wanted, Index K, Index N) {
  return {arena.take<float>(wanted ? SplitPanels::floats(K, N) : 0), wanted ? K : 0, N};
}

constexpr Index depth = 1024;      // numbers of k that are summed at a time
constexpr Index row_block = 128;   // rows of a product that are made at a time,
constexpr Index row_unit = 32;     // in multiples of so many,
constexpr Index fewest_rows = 32;  // and at least so many
constexpr Index many_rows = 16;    // a tile of sums takes as long for one row as for 16: vectors are faster for fewer
#else
using RightMatrix = Panels;
using LeftColumns = CopiedColumns;
constexpr auto left_columns = copy_columns;

inline RightMatrix right_matrix(Arena& arena, bool wanted, Index K, Index N) {
  return plain_panels(arena, wanted, K, N);
}

constexpr Index depth = k_block;
constexpr Index row_block = column_block;
constexpr Index row_unit = 1;
constexpr Index fewest_rows = 2 * tile_rows(max_vectors);
constexpr Index many_rows = INT64_MAX;
#endif

// Rows of a product in blocks of about one size, as many for each thread unless they would be too small.
struct Blocks {
  Index rows;
  Index number;

  static Blocks of(Index rows, int threads) {
    const Index needed = ceil_div(rows, row_block), even = ceil_div(needed, threads) * threads;
    return {rows, smaller(even, larger(needed, rows / fewest_rows))};
  }

  Index first(Index k) const { return smaller(rows, ceil_div(rows, row_unit) * k / number * row_unit); }
  Index count(Index k) const { return first(k + 1) - first(k); }
};

// What a thread needs to make a block of rows.
struct WorkerScratch {
  float* block;
  float** targets;

  static WorkerScratch of(Arena& arena) {
    return {arena.take<float>(LeftColumns::floats(row_block, depth)), arena.take<float*>(row_block)};
  }
};

// Some columns of a matrix, as the rows of its transpose, ready to be multiplied; and the sum of each.
class Transposed {
 public:
  // Columns [first, first + count) of K rows, at most `depth`, that are `stride` floats apart.
  Transposed(const float* data, Index stride, Index K, Index first, Index count, const WorkerScratch& scratch)
      : columns_(left_columns(data + first, stride, K, count, scratch.block, sums_)), targets_(scratch.targets) {}

  // to (+)= the transpose times B's rows from b_first on; rows of `to` are `stride` floats apart. Nothing if `to` is
  // null.
  void multiply_by(const RightMatrix& b, Index b_first, float* to, Index stride, bool add) const {
    if (to == nullptr) return;
    for (Index m = 0; m < columns_.rows; ++m) targets_[m] = to + m * stride;
    multiply_block(columns_, b, b_first, targets_, add);
  }

  // to (+)= the sums. Nothing if `to` is null.
  void sum(float* to, bool add) const {
    for (Index m = 0; to != nullptr && m < columns_.rows; ++m) to[m] = add ? to[m] + sums_[m] : sums_[m];
  }

 private:
  float sums_[row_block];
  LeftColumns columns_;
  float** targets_;
};

// Floats of scratch for each_sum.
inline Index sum_floats(const Panels&, Index rows) { return rows * sum_stride; }

// use(row, sum, column, lanes) for each row and vector of columns of a·B, the turn-th time.
template <class Use>
void each_sum(const float* const* a, Index rows, const Panels& b, float* scratch, Index, Use use) {
  each_sum(a, rows, b, scratch, use);
}

// c[m] (+)= a[m]·B. The scratch is that of each_sum or of a worker.
inline void multiply(const float* const* a, Index rows, const Panels& b, float* const* c, bool add, float*) {
  multiply(a, rows, b, c, add);
}

#if defined(__AMX_BF16__)
inline Index sum_floats(const SplitPanels& b, Index rows) { return SplitRows::floats(rows, b.K); }

template <class Use>
void each_sum(const float* const* a, Index rows, const SplitPanels& b, float* scratch, Index turn, Use use) {
  each_sum(split_rows(a, 0, rows, b.K, scratch), b, 0, turn, use);
}

inline void multiply(const float* const* a, Index rows, const SplitPanels& b, float* const* c, bool add,
                     float* scratch) {
  for (Index k = 0; k < b.K; k += depth)
    multiply_block(split_rows(a, k, rows, smaller(depth, b.K - k), scratch), b, k, c, add || k > 0);
}
#endif

// Rows are packed some at a time, so that threads may share the work.
constexpr Index pack_block = 64;

template <class Matrix>
Index pack_pieces(const Matrix& matrix) {
  return ceil_div(matrix.K, pack_block);
}

// The piece-th pack_block of a right-hand matrix's rows.
template <class Matrix, class RowAt>
void pack_piece(const Matrix& matrix, Index piece, RowAt row_at) {
  const float* rows[pack_block];
  const Index first = piece * pack_block, count = smaller(pack_block, matrix.K - first);
  for (Index k = 0; k < count; ++k) rows[k] = row_at(first + k);
  pack_rows(matrix, rows, count, first);
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
