// Phase 1 of the backward pass: every slice of the pass's rows walks back over a chunk, W_hhᵀ da and the cell by turns.
// It leaves da, and of a projection dp, the gradient of what comes out of it.
#pragma once

#include "backward_weights.h"
#include "chunks.h"

namespace ostinato::OSTINATO_ISA {
namespace {

template <class Cell>
class Recurrence {
 public:
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, const BackwardWeights<Cell>& weights, Index slices) {
    chunks_ = &chunks;
    weights_ = &weights;
    const Layer& l = chunks.layer();
    const Index H = l.hidden, R = l.outputs, K = chunks.most_slots();
    slices_ = slices;
    slice_rows_ = ceil_div(chunks.rows(), slices);
    projection_ = chunks.direction().weights.w_hr != nullptr;
    scratch_floats_ = larger(weights.hh().scratch_floats(slice_rows_), weights.hr().scratch_floats(slice_rows_));
    scratch_ = arena.take<float>(scratch_floats_ * slices);
    dp_ = arena.take<float>(projection_ ? K * R : 0);
    carry_ = arena.take<float>(chunks.rows() * H);
    zeros_ = arena.take<float>(H);
    rows_ = arena.take<BackwardRow>(slice_rows_ * slices);
    da_next_ = arena.take<const float*>(slice_rows_ * slices);
    border_ = arena.take<float>(slice_rows_ * slices * Cell::gates * H);
    dp_rows_ = arena.take<const float*>(slice_rows_ * slices);
    dh0_rows_ = arena.take<float*>(slice_rows_ * slices);
  }

  // Before the first chunk: what comes from the final state; rows without a step give it back at once.
  void start() const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    const Index H = l.hidden, R = l.outputs, reached = l.plan.steps == 0 ? 0 : l.plan.active[0];
    std::memset(zeros_, 0, H * sizeof(float));
    for (Index i = 0; i < chunks_->rows(); ++i) {
      const Index rank = chunks_->rank(i), row = l.plan.order[rank];
      if (Cell::has_c) std::memcpy(carry_ + i * H, d.dcn + row * H, H * sizeof(float));
      if (rank < reached) continue;
      std::memcpy(d.dh0 + row * R, d.dhn + row * R, R * sizeof(float));
      if (Cell::has_c) std::memcpy(d.dc0 + row * H, d.dcn + row * H, H * sizeof(float));
    }
  }

  Index slices() const { return chunks_->chunk().slots > 0 ? slices_ : 0; }

  void walk_slice(Index k) const {
    const Slice slice = slice_of(chunks_->layer().plan, chunks_->rows(), k, slices_);
    const Chunk& chunk = chunks_->chunk();
    keep_border(slice, scratch_of(k));
    Index before = chunk.slots;
    for (Index position = chunk.end - 1; position >= chunk.first; --position) {
      before -= chunks_->active(position);
      step(slice, scratch_of(k), position, before);
    }
  }

  // (chunk's slots, R), or null without a projection.
  const float* dp() const { return projection_ ? dp_ : nullptr; }

 private:
  // What belongs to the rows of one slice.
  struct Scratch {
    BackwardRow* rows;
    const float** da_next;
    float* border;
    const float** dp;
    float** dh0;
    float* sums;
  };

  Scratch scratch_of(Index slice) const {
    const Index first = slice * slice_rows_;
    return {rows_ + first,    da_next_ + first,  border_ + first * Cell::gates * chunks_->layer().hidden,
            dp_rows_ + first, dh0_rows_ + first, scratch_ + slice * scratch_floats_};
  }

  // The step after the chunk has its da where the chunk's is about to go.
  void keep_border(const Slice& slice, const Scratch& s) const {
    const Index n = slice.among(chunks_->active(chunks_->chunk().end)), floats = Cell::gates * chunks_->layer().hidden;
    for (Index i = 0; i < n; ++i) {
      float* to = s.border + i * floats;
      std::memcpy(to, s.da_next[i], floats * sizeof(float));
      s.da_next[i] = to;
    }
  }

  // One step of one slice; `before` slots of the chunk come before it.
  void step(const Slice& slice, const Scratch& s, Index position, Index before) const {
    const Index n = slice.among(chunks_->active(position)), H = chunks_->layer().hidden;
    const Index with_next = smaller(n, slice.among(chunks_->active(position + 1)));
    for (Index i = 0; i < n; ++i) s.rows[i] = row_at(position, slice.rank(i), before + slice.rank(i), i < with_next);
    if (projection_) {
      step_projected(s, position, with_next, n);
    } else {
      each_dh(s, position, with_next, n,
              [&](Index i, vec dh, Index u, Index lanes) { Cell::backward(s.rows[i], dh, u, lanes, H); });
    }
    for (Index i = 0; i < n; ++i) s.da_next[i] = s.rows[i].da + Cell::first_part_of_h * H;
    end_rows(slice, s, smaller(n, slice.among(chunks_->active(position - 1))), n);
  }

  // Row i of the pass, in a slot of the chunk.
  BackwardRow row_at(Index position, Index i, Index chunk_slot, bool has_next) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    const Walk& walk = chunks_->walk();
    const Index H = l.hidden, t = walk.time(position), rank = chunks_->rank(i), slot = walk.slot(position, rank);
    BackwardRow row{};
    row.dy = at(d.dy, t, rank);
    row.carry = carry_ + i * H;
    row.extra = !has_next ? d.dhn + l.plan.order[rank] * l.outputs : Cell::carries_h ? row.carry : zeros_;
    row.da = chunks_->da(chunk_slot);
    if (projection_) row.dp = dp_ + chunk_slot * l.outputs;
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
  void step_projected(const Scratch& s, Index position, Index with_next, Index n) const {
    each_dh(s, position, with_next, n,
            [&](Index i, vec dh, Index u, Index lanes) { store(s.rows[i].dp + u, dh, lanes); });
    for (Index i = 0; i < n; ++i) s.dp[i] = s.rows[i].dp;
    weights_->hr().each(s.dp, n, s.sums, position, [&](Index i, vec dm, Index u, Index lanes) {
      Cell::backward(s.rows[i], dm, u, lanes, chunks_->layer().hidden);
    });
  }

  // use(i, dh, u, lanes) for each row's gradient of h. Rows from `with_next` on have no step after this one.
  template <class Use>
  void each_dh(const Scratch& s, Index position, Index with_next, Index n, Use use) const {
    const auto add = [&](Index i, vec product, Index u, Index lanes) {
      use(i, product + (load(s.rows[i].dy + u, lanes) + load(s.rows[i].extra + u, lanes)), u, lanes);
    };
    weights_->hh().each(s.da_next, with_next, s.sums, position, add);
    const Index R = chunks_->layer().outputs;
    for (Index i = with_next; i < n; ++i)
      for (Index u = 0; u < R; u += L) add(i, vec{}, u, smaller(L, R - u));
  }

  // Rows [first, n) of a slice have had their earliest step: the gradient of the initial state.
  void end_rows(const Slice& slice, const Scratch& s, Index first, Index n) const {
    if (first == n) return;
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    for (Index i = first; i < n; ++i) {
      const Index row = l.plan.order[chunks_->rank(slice.rank(i))];
      const float* carry = carry_ + slice.rank(i) * l.hidden;
      s.dh0[i] = d.dh0 + row * l.outputs;
      if (Cell::carries_h) std::memcpy(s.dh0[i], carry, l.hidden * sizeof(float));
      if (Cell::has_c) std::memcpy(d.dc0 + row * l.hidden, carry, l.hidden * sizeof(float));
    }
    weights_->hh().multiply_to(s.dh0 + first, s.da_next + first, n - first, s.sums, Cell::carries_h);
  }

  const Chunks<Cell>* chunks_;
  const BackwardWeights<Cell>* weights_;
  Index slices_;
  Index slice_rows_;
  bool projection_;
  float* dp_;
  float* carry_;  // (the pass's rows, H)
  float* zeros_;  // (H)
  // Of each slice's rows:
  BackwardRow* rows_;
  const float** da_next_;
  float* border_;  // da of the step after the chunk, its recurrent parts
  const float** dp_rows_;
  float** dh0_rows_;
  float* scratch_;
  Index scratch_floats_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
