// The product of one step's rows with a matrix, whose sums go on to a cell while they are in the first-level cache.
#pragma once

#include "products.h"

namespace ostinato::OSTINATO_ISA {
namespace {

class StepProduct {
 public:
  // With a (K, N) matrix, for `rows` rows at a time at most.
  void lay_out(Arena& arena, bool wanted, Index K, Index N, Index rows) {
    few_ = plain_panels(arena, wanted && rows < many_rows, K, N);
    many_ = right_matrix(arena, wanted && rows >= many_rows, K, N);
  }

  // Packing the matrix, in pieces that threads may share. row_at(k): its rows.
  Index pieces() const { return pack_pieces(few_) + pack_pieces(many_); }

  template <class RowAt>
  void pack(Index piece, RowAt row_at) const {
    with_matrix([&](const auto& matrix) { pack_piece(matrix, piece, row_at); });
  }

  Index scratch_floats(Index rows) const { return many_.K > 0 ? sum_floats(many_, rows) : sum_floats(few_, rows); }

  // use(row, sum, column, lanes) for each row and vector of columns, for the turn-th time.
  template <class Use>
  void each(const float* const* a, Index rows, float* scratch, Index turn, Use use) const {
    with_matrix([&](const auto& matrix) { each_sum(a, rows, matrix, scratch, turn, use); });
  }

  // c[m] (+)= the products.
  void multiply_to(float* const* c, const float* const* a, Index rows, float* scratch, bool add) const {
    with_matrix([&](const auto& matrix) { multiply(a, rows, matrix, c, add, scratch); });
  }

 private:
  template <class Call>
  void with_matrix(Call call) const {
    many_.K > 0 ? call(many_) : call(few_);
  }

  Panels few_;  // of the two, the one that suits
  RightMatrix many_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
