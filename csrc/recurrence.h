// Phase 1 of the backward pass: every slice of the rows walks back over a chunk, W_hhᵀ da and the cell by turns. It
// leaves da, and of a projection dp, the gradient of what comes out of it.
#pragma once

#include "chunks.h"
#include "transposed.h"

namespace ostinato::OSTINATO_ISA {
namespace {

template <class Cell>
class Recurrence {
 public:
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, Index slices) {
    chunks_ = &chunks;
    const Layer& l = chunks.layer();
    const Index H = l.hidden, R = l.outputs, K = chunks.most_slots();
    slices_ = slices;
    slice_rows_ = ceil_div(l.plan.rows, slices);
    projection_ = chunks.direction().weights.w_hr != nullptr;
    hh_ = plain_panels(arena, true, Cell::gates * H, R);
    hr_ = plain_panels(arena, projection_, R, H);
    dp_ = arena.take<float>(projection_ ? K * R : 0);
    carry_ = arena.take<float>(l.plan.rows * H);
    zeros_ = arena.take<float>(H);
    rows_ = arena.take<BackwardRow>(slice_rows_ * slices);
    da_next_ = arena.take<const float*>(slice_rows_ * slices);
    dp_rows_ = arena.take<const float*>(slice_rows_ * slices);
    dh0_rows_ = arena.take<float*>(slice_rows_ * slices);
  }

  // Before the first chunk.
  Index preparations() const { return 1 + pack_pieces(hh_) + pack_pieces(hr_); }

  void prepare(Index piece) const {
    const Weights& w = chunks_->direction().weights;
    const Index H = chunks_->layer().hidden;
    if (piece == 0) return start_rows();
    if ((piece -= 1) < pack_pieces(hh_)) return pack_weights<Cell>(hh_, piece, w.w_hh, H, Cell::first_part_of_h);
    pack_piece(hr_, piece - pack_pieces(hh_), [&](Index k) { return w.w_hr + k * H; });
  }

  Index slices() const { return chunks_->chunk().slots > 0 ? slices_ : 0; }

  void walk_slice(Index k) const {
    const Slice slice = slice_of(chunks_->layer().plan, k, slices_);
    const Chunk& chunk = chunks_->chunk();
    for (Index position = chunk.end - 1; position >= chunk.first; --position) step(slice, k * slice_rows_, position);
  }

  // (chunk's slots, R), or null without a projection.
  const float* dp() const { return projection_ ? dp_ : nullptr; }

 private:
  // What comes from the final state; rows without a step give it back at once.
  void start_rows() const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    const Index H = l.hidden, R = l.outputs, reached = l.plan.steps == 0 ? 0 : l.plan.active[0];
    std::memset(zeros_, 0, H * sizeof(float));
    for (Index rank = 0; rank < l.plan.rows; ++rank) {
      const Index row = l.plan.order[rank];
      if (Cell::has_c) std::memcpy(carry_ + rank * H, d.dcn + row * H, H * sizeof(float));
      if (rank < reached) continue;
      std::memcpy(d.dh0 + row * R, d.dhn + row * R, R * sizeof(float));
      if (Cell::has_c) std::memcpy(d.dc0 + row * H, d.dcn + row * H, H * sizeof(float));
    }
  }

  // One step of one slice, whose pointers begin at `base`.
  void step(const Slice& slice, Index base, Index position) const {
    const Walk& walk = chunks_->walk();
    const Index n = slice.among(walk.active(position)), H = chunks_->layer().hidden;
    const Index with_next = smaller(n, slice.among(walk.active(position + 1)));
    BackwardRow* rows = rows_ + base;
    const float** da_next = da_next_ + base;
    for (Index i = 0; i < n; ++i) rows[i] = row_at(position, slice.rank(i), i < with_next);
    if (projection_) {
      step_projected(rows, da_next, dp_rows_ + base, with_next, n);
    } else {
      each_dh(rows, da_next, with_next, n,
              [&](Index i, vec dh, Index u, Index lanes) { Cell::backward(rows[i], dh, u, lanes, H); });
    }
    for (Index i = 0; i < n; ++i) da_next[i] = rows[i].da + Cell::first_part_of_h * H;
    const Index goes_on = smaller(n, slice.among(walk.active(position - 1)));
    end_rows(slice, da_next, dh0_rows_ + base, goes_on, n);
  }

  BackwardRow row_at(Index position, Index rank, bool has_next) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    const Walk& walk = chunks_->walk();
    const Index H = l.hidden, t = walk.time(position), slot = walk.slot(position, rank);
    BackwardRow row{};
    row.dy = at(d.dy, t, rank);
    row.carry = carry_ + rank * H;
    row.extra = !has_next ? d.dhn + l.plan.order[rank] * l.outputs : Cell::carries_h ? row.carry : zeros_;
    row.da = chunks_->da(slot);
    if (projection_) row.dp = dp_ + (slot - chunks_->chunk().first_slot) * l.outputs;
    row.h = at(d.y, t, rank);
    row.h_before = chunks_->h_before(position, rank);
    if (Cell::kept_gates > 0) row.gates = d.kept.gates + slot * Cell::kept_gates * H;
    if (Cell::has_c) {
      row.c = d.kept.c + slot * H;
      row.c_before = chunks_->c_before(position, rank);
    }
    return row;
  }

  // W_hrᵀ between the product and the cell.
  void step_projected(const BackwardRow* rows, const float* const* da_next, const float** dp, Index with_next,
                      Index n) const {
    each_dh(rows, da_next, with_next, n,
            [&](Index i, vec dh, Index u, Index lanes) { store(rows[i].dp + u, dh, lanes); });
    for (Index i = 0; i < n; ++i) dp[i] = rows[i].dp;
    each_product(hr_, dp, n, n, [&](Index i, vec dm, Index u, Index lanes) {
      Cell::backward(rows[i], dm, u, lanes, chunks_->layer().hidden);
    });
  }

  // use(i, dh, u, lanes) for each row's gradient of h. Rows from `with_next` on have no step after this one.
  template <class Use>
  void each_dh(const BackwardRow* rows, const float* const* da_next, Index with_next, Index n, Use use) const {
    each_product(hh_, da_next, with_next, n, [&](Index i, vec product, Index u, Index lanes) {
      use(i, product + (load(rows[i].dy + u, lanes) + load(rows[i].extra + u, lanes)), u, lanes);
    });
  }

  // use(i, sum, column, lanes) for each row and vector of columns, the sum over k of a[i][k]·w[k]; of the rows from
  // `with` on, 0.
  template <class Use>
  static void each_product(const Panels& w, const float* const* a, Index with, Index n, Use use) {
    alignas(64) float sum[max_rows][max_vectors * L];
    float* tiles[max_rows];
    for (int r = 0; r < max_rows; ++r) tiles[r] = sum[r];
    for (Index p = 0; p < w.count(); ++p) {
      const int V = w.vectors(p);
      const Index first = p * w.step(), columns = w.columns(p);
      Index tile = 0;
      for (Index m = 0; m < n; ++tile) {
        const int R = m < with ? next_tile(with - m, tile_rows(V)) : 1;
        if (m < with) {
          const float* next = ahead(w, p, 0, w.K, tile);
          run_tile<RowsAt>(R, V, {a + m, 0, w.K, w.at(p, 0), next, false, tiles, 0});
        } else {
          std::memset(sum[0], 0, sizeof sum[0]);
        }
        for (int r = 0; r < R; ++r)
          for (Index v = 0; v < columns; v += L) use(m + r, load(sum[r] + v), first + v, smaller(L, columns - v));
        m += R;
      }
    }
  }

  // Rows [first, n) of a slice have had their earliest step: the gradient of the initial state.
  void end_rows(const Slice& slice, const float* const* da_next, float** dh0, Index first, Index n) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    for (Index i = first; i < n; ++i) {
      const Index rank = slice.rank(i), row = l.plan.order[rank];
      const float* carry = carry_ + rank * l.hidden;
      dh0[i] = d.dh0 + row * l.outputs;
      if (Cell::carries_h) std::memcpy(dh0[i], carry, l.hidden * sizeof(float));
      if (Cell::has_c) std::memcpy(d.dc0 + row * l.hidden, carry, l.hidden * sizeof(float));
    }
    multiply(da_next + first, n - first, hh_, dh0 + first, Cell::carries_h);
  }

  const Chunks<Cell>* chunks_;
  Index slices_;
  Index slice_rows_;
  bool projection_;
  Panels hh_;  // (G·H, R), its rows in the order of da's recurrent parts
  Panels hr_;  // (R, H)
  float* dp_;
  float* carry_;  // (B, H), by rank
  float* zeros_;  // (H)
  // Of each slice's rows:
  BackwardRow* rows_;
  const float** da_next_;
  const float** dp_rows_;
  float** dh0_rows_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
