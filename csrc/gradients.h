// Phase 2 of the backward pass: what remains of a chunk are large matrix products over its slots.
#pragma once

#include "recurrence.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// dW_ih = daᵀ·x, dW_hh = daᵀ·[h before], dW_hr = dpᵀ·m, and the sums of da for the biases.
template <class Cell>
class WeightProducts {
 public:
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, const Recurrence<Cell>& recurrence) {
    chunks_ = &chunks;
    recurrence_ = &recurrence;
    const Layer& l = chunks.layer();
    const WeightGradients& g = chunks.direction().gradients;
    const Index K = largest_chunk(l.plan);
    dw_ih_ = l.tokens.of == nullptr ? g.w_ih : nullptr;
    x_ = plain_panels(arena, dw_ih_ != nullptr, K, l.inputs);
    h_before_ = plain_panels(arena, g.w_hh != nullptr, K, l.outputs);
    m_ = plain_panels(arena, g.w_hr != nullptr, K, l.hidden);
  }

  void start_chunk() { x_.K = h_before_.K = m_.K = chunks_->chunk().slots; }

  // Packing the chunk's x, h before and m, which does not wait for phase 1: some positions at a time.
  Index operands() const {
    const Chunk& chunk = chunks_->chunk();
    return ceil_div(chunk.end - chunk.first, positions_per_operand());
  }

  void pack_operand(Index piece) const {
    const Index first = chunks_->chunk().first + piece * positions_per_operand();
    const Index end = smaller(chunks_->chunk().end, first + positions_per_operand());
    for (Index position = first; position < end; ++position) pack_operands_at(position);
  }

  // A block of rows of one part of da, or of dp.
  Index pieces() const {
    const Layer& l = chunks_->layer();
    if (chunks_->chunk().slots == 0) return 0;
    const bool projected = chunks_->direction().gradients.w_hr != nullptr;
    return Cell::parts * blocks(l.hidden) + (projected ? blocks(l.outputs) : 0);
  }

  void piece(Index k, const WorkerScratch& scratch) const {
    const Layer& l = chunks_->layer();
    const Index H = l.hidden, part = k / blocks(H), block = k % blocks(H);
    if (part >= Cell::parts) return projection_piece(k - Cell::parts * blocks(H), scratch);
    const Chunk& chunk = chunks_->chunk();
    const Index first = block * row_block;
    const Transposed da(chunks_->da(chunk.first_slot), chunks_->da_floats(), chunk.slots, part * H + first,
                        in_block(block, H), scratch);
    const WeightGradients& g = chunks_->direction().gradients;
    const Part of = Cell::part[part];
    const bool add = !chunks_->first();
    if (of.of_x >= 0) {
      da.sum(row(g.b_ih, of.of_x * H + first, 1), add);
      da.multiply_by(x_, row(dw_ih_, of.of_x * H + first, l.inputs), l.inputs, add);
    }
    if (of.of_h >= 0) {
      da.sum(row(g.b_hh, of.of_h * H + first, 1), add);
      da.multiply_by(h_before_, row(g.w_hh, of.of_h * H + first, l.outputs), l.outputs, add);
    }
  }

  // Where there is no chunk at all.
  void clear() const {
    const Layer& l = chunks_->layer();
    const WeightGradients& g = chunks_->direction().gradients;
    const Index I = l.inputs, H = l.hidden, R = l.outputs, G = Cell::gates;
    const auto clear = [](float* to, Index n) {
      if (to != nullptr) std::memset(to, 0, n * sizeof(float));
    };
    clear(g.w_ih, G * H * I);
    clear(g.w_hh, G * H * R);
    clear(g.b_ih, G * H);
    clear(g.b_hh, G * H);
    clear(g.w_hr, R * H);
  }

 private:
  static float* row(float* matrix, Index m, Index stride) { return matrix == nullptr ? nullptr : matrix + m * stride; }

  void projection_piece(Index block, const WorkerScratch& scratch) const {
    const Index H = chunks_->layer().hidden, R = chunks_->layer().outputs, first = block * row_block;
    const Transposed dp(recurrence_->dp(), R, chunks_->chunk().slots, first, in_block(block, R), scratch);
    dp.multiply_by(m_, row(chunks_->direction().gradients.w_hr, first, H), H, !chunks_->first());
  }

  Index positions_per_operand() const { return larger(1, pack_block / chunks_->layer().plan.active[0]); }

  void pack_operands_at(Index position) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    const Walk& walk = chunks_->walk();
    const Index t = walk.time(position), n = walk.active(position);
    const Index k = walk.slot(position, 0) - chunks_->chunk().first_slot;
    for (Index first = 0; first < n; first += pack_block) {
      const auto pack = [&](const Panels& panels, auto row_of_rank) {
        pack_some_rows(panels, k + first, smaller(pack_block, n - first), [&](Index j) { return row_of_rank(j - k); });
      };
      if (dw_ih_ != nullptr) pack(x_, [&](Index rank) { return at(l.x, t, rank); });
      if (d.gradients.w_hh != nullptr) pack(h_before_, [&](Index rank) { return chunks_->h_before(position, rank); });
      if (d.gradients.w_hr != nullptr)
        pack(m_, [&](Index rank) { return d.kept.m + walk.slot(position, rank) * l.hidden; });
    }
  }

  const Chunks<Cell>* chunks_;
  const Recurrence<Cell>* recurrence_;
  float* dw_ih_;  // null where the input is tokens, too
  Panels x_;
  Panels h_before_;
  Panels m_;
};

// dx = da·W_ih. Of tokens, da is summed over each token's slots; that sum takes the place of da, and the tokens in use
// that of the slots.
template <class Cell>
class InputProducts {
 public:
  // wanted: whether anybody asks for the gradient of the input or of the embedding.
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, bool wanted) {
    chunks_ = &chunks;
    const Layer& l = chunks.layer();
    const Index used = l.tokens.of == nullptr ? 0 : l.tokens.count;
    dw_ih_ = l.tokens.of == nullptr ? nullptr : chunks.direction().gradients.w_ih;
    ih_ = plain_panels(arena, wanted, Cell::gates * l.hidden, l.inputs);
    sum_floats_ = used > 0 && (wanted || dw_ih_ != nullptr) ? Cell::gates * l.hidden : 0;
    sums_ = arena.take<float>(used * sum_floats_);
    embeddings_ = plain_panels(arena, dw_ih_ != nullptr && l.tokens.embedding != nullptr, used, l.inputs);
  }

  // Before the first chunk.
  Index preparations() const { return 1 + pack_pieces(ih_) + pack_pieces(embeddings_); }

  void prepare(Index piece) const {
    const Layer& l = chunks_->layer();
    if (piece == 0) return void(std::memset(sums_, 0, l.tokens.count * sum_floats_ * sizeof(float)));
    if ((piece -= 1) < pack_pieces(ih_))
      return pack_weights<Cell>(ih_, piece, chunks_->direction().weights.w_ih, l.hidden, 0);
    pack_piece(embeddings_, piece - pack_pieces(ih_),
               [&](Index k) { return l.tokens.embedding + l.tokens.used[k] * l.inputs; });
  }

  // A block of the chunk's slots of dx.
  Index dx_pieces() const { return blocks(chunks_->chunk().slots); }

  void dx_piece(Index block, const Sequence& dx, bool add) const {
    const Plan& plan = chunks_->layer().plan;
    const Chunk& chunk = chunks_->chunk();
    const float* a[row_block];
    float* c[row_block];
    const Index first = chunk.first_slot + block * row_block, count = in_block(block, chunk.slots);
    Index t = smaller(chunks_->walk().time(chunk.first), chunks_->walk().time(chunk.end - 1));
    for (Index i = 0; i < count; ++i) {
      while (plan.slot[t + 1] <= first + i) ++t;
      a[i] = chunks_->da(first + i);
      c[i] = at(dx, t, first + i - plan.slot[t]);
    }
    multiply<RowsAt>(a, count, ih_, c, add);
  }

  // A block of the columns of the chunk's sums.
  Index sum_pieces() const { return chunks_->chunk().slots == 0 ? 0 : blocks(sum_floats_); }

  void sum_piece(Index block) const {
    const Chunk& chunk = chunks_->chunk();
    const Index first = block * row_block, count = in_block(block, sum_floats_);
    for (Index slot = chunk.first_slot; slot < chunk.first_slot + chunk.slots; ++slot) {
      const float* da = chunks_->da(slot) + first;
      float* sum = sums_ + chunks_->layer().tokens.of[slot] * sum_floats_ + first;
      for (Index j = 0; j < count; j += L) {
        const Index n = smaller(L, count - j);
        store(sum + j, load(sum + j, n) + load(da + j, n), n);
      }
    }
  }

  // After the last chunk: dW_ih = sumsᵀ·[embeddings], or of one-hot tokens the sums themselves, as columns.
  Index weight_pieces() const { return sum_floats_ == 0 || dw_ih_ == nullptr ? 0 : blocks_per_part() * Cell::gates; }

  void weight_piece(Index k, const WorkerScratch& scratch) const {
    const Layer& l = chunks_->layer();
    const Index H = l.hidden, I = l.inputs, part = k / blocks_per_part(), block = k % blocks_per_part();
    const Index first = block * row_block, count = in_block(block, H);
    float* dw = dw_ih_ + (Cell::part[part].of_x * H + first) * I;
    if (l.tokens.embedding == nullptr) return scatter(part * H + first, count, dw);
    Transposed(sums_, sum_floats_, l.tokens.count, part * H + first, count, scratch)
        .multiply_by(embeddings_, dw, I, false);
  }

  // And dE = sums·W_ih, in the rows of the tokens in use.
  Index embedding_pieces() const { return blocks(chunks_->layer().tokens.count); }

  void embedding_piece(Index block, float* dembedding, bool add) const {
    const Layer& l = chunks_->layer();
    const float* a[row_block];
    float* c[row_block];
    const Index first = block * row_block, count = in_block(block, l.tokens.count);
    for (Index i = 0; i < count; ++i) {
      a[i] = sums_ + (first + i) * sum_floats_;
      c[i] = dembedding + l.tokens.used[first + i] * l.inputs;
    }
    multiply<RowsAt>(a, count, ih_, c, add);
  }

 private:
  Index blocks_per_part() const { return blocks(chunks_->layer().hidden); }

  void scatter(Index column, Index count, float* dw) const {
    const Layer& l = chunks_->layer();
    std::memset(dw, 0, count * l.inputs * sizeof(float));
    for (Index j = 0; j < count; ++j)
      for (Index k = 0; k < l.tokens.count; ++k)
        dw[j * l.inputs + l.tokens.used[k]] = sums_[k * sum_floats_ + column + j];
  }

  const Chunks<Cell>* chunks_;
  float* dw_ih_;       // of tokens, or null
  Panels ih_;          // (G·H, I), its rows in the order of da's input parts
  Panels embeddings_;  // (tokens in use, I)
  float* sums_;        // (tokens in use, G·H): da's input parts
  Index sum_floats_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
