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
    const Index K = chunks.most_slots();
    blocks_ = Blocks::of(l.hidden, ceil_div(l.threads, Cell::parts));
    projection_blocks_ = Blocks::of(g.w_hr == nullptr ? 0 : l.outputs, l.threads);
    dw_ih_ = l.tokens.of == nullptr ? g.w_ih : nullptr;
    x_ = right_matrix(arena, dw_ih_ != nullptr, K, l.inputs);
    const bool gates = dw_ih_ != nullptr || g.w_hh != nullptr || g.b_ih != nullptr || g.b_hh != nullptr;
    gate_pieces_ = gates ? Cell::parts * blocks_.number : 0;
    h_before_ = right_matrix(arena, g.w_hh != nullptr, K, l.outputs);
    m_ = right_matrix(arena, g.w_hr != nullptr, K, l.hidden);
  }

  void start_chunk() { x_.K = h_before_.K = m_.K = chunks_->chunk().slots; }

  // Packing the chunk's x, h before and m, which does not wait for phase 1: some slots at a time.
  Index operands() const { return ceil_div(chunks_->chunk().slots, pack_block); }

  void pack_operand(Index piece) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    // row_at(t, rank, slot)
    const auto pack = [&](const RightMatrix& matrix, auto row_at) {
      SlotPlaces<Cell> places(*chunks_);
      pack_piece(matrix, piece, [&](Index k) {
        const Index slot = chunks_->chunk().first_slot + k;
        const auto [t, rank] = places.of(slot);
        return row_at(t, rank, slot);
      });
    };
    if (dw_ih_ != nullptr) pack(x_, [&](Index t, Index rank, Index) { return at(l.x, t, rank); });
    if (d.gradients.w_hh != nullptr)
      pack(h_before_, [&](Index t, Index rank, Index) { return chunks_->h_before(chunks_->walk().position(t), rank); });
    if (d.gradients.w_hr != nullptr) pack(m_, [&](Index, Index, Index slot) { return d.kept.m + slot * l.hidden; });
  }

  // A block of rows of one part of da, or of dp.
  Index pieces() const { return chunks_->chunk().slots == 0 ? 0 : gate_pieces_ + projection_blocks_.number; }

  void piece(Index k, const WorkerScratch& scratch) const {
    if (k >= gate_pieces_) return projection_piece(k - gate_pieces_, scratch);
    const Index part = k / blocks_.number;
    const Layer& l = chunks_->layer();
    const WeightGradients& g = chunks_->direction().gradients;
    const Index first = blocks_.first(k % blocks_.number), count = blocks_.count(k % blocks_.number);
    const Part of = Cell::part[part];
    const Index x_row = of.of_x * l.hidden + first, h_row = of.of_h * l.hidden + first;
    each_block([&](Index k_first, Index K, bool add) {
      const Transposed da(chunks_->da(chunks_->chunk().first_slot + k_first), chunks_->da_floats(), K,
                          part * l.hidden + first, count, scratch);
      if (of.of_x >= 0) {
        da.sum(row(g.b_ih, x_row, 1), add);
        da.multiply_by(x_, k_first, row(dw_ih_, x_row, l.inputs), l.inputs, add);
      }
      if (of.of_h >= 0) {
        da.sum(row(g.b_hh, h_row, 1), add);
        da.multiply_by(h_before_, k_first, row(g.w_hh, h_row, l.outputs), l.outputs, add);
      }
    });
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

  // use(first, K, add) for each block of the chunk's slots; add: whether others were before it.
  template <class Use>
  void each_block(Use use) const {
    const Index slots = chunks_->chunk().slots;
    for (Index k = 0; k < slots; k += depth) use(k, smaller(depth, slots - k), !chunks_->is_first() || k > 0);
  }

  void projection_piece(Index block, const WorkerScratch& scratch) const {
    const Index H = chunks_->layer().hidden, R = chunks_->layer().outputs, first = projection_blocks_.first(block);
    each_block([&](Index k_first, Index K, bool add) {
      const Transposed dp(recurrence_->dp() + k_first * R, R, K, first, projection_blocks_.count(block), scratch);
      dp.multiply_by(m_, k_first, row(chunks_->direction().gradients.w_hr, first, H), H, add);
    });
  }

  const Chunks<Cell>* chunks_;
  const Recurrence<Cell>* recurrence_;
  Blocks blocks_;
  Blocks projection_blocks_;
  Index gate_pieces_;  // none where no gate's weights want a gradient
  float* dw_ih_;       // null where the input is tokens, too
  RightMatrix x_;
  RightMatrix h_before_;
  RightMatrix m_;
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
    blocks_ = Blocks::of(l.hidden, l.threads);
    const Index used = l.tokens.of == nullptr ? 0 : l.tokens.count;
    dw_ih_ = l.tokens.of == nullptr ? nullptr : chunks.direction().gradients.w_ih;
    ih_ = right_matrix(arena, wanted, Cell::gates * l.hidden, l.inputs);
    sum_floats_ = used > 0 && (wanted || dw_ih_ != nullptr) ? Cell::gates * l.hidden : 0;
    sums_ = arena.take<float>(used * sum_floats_);
    embeddings_ = right_matrix(arena, dw_ih_ != nullptr && l.tokens.embedding != nullptr, used, l.inputs);
  }

  // Before the first chunk.
  Index preparations() const { return 1 + pack_pieces(ih_) + pack_pieces(embeddings_); }

  void prepare(Index piece) const {
    const Layer& l = chunks_->layer();
    if (piece == 0) return void(std::memset(sums_, 0, l.tokens.count * sum_floats_ * sizeof(float)));
    const float* w_ih = chunks_->direction().weights.w_ih;
    if ((piece -= 1) < pack_pieces(ih_))
      return pack_piece(ih_, piece, [&](Index k) { return weights_row<Cell>(w_ih, l.inputs, l.hidden, 0, k); });
    pack_piece(embeddings_, piece - pack_pieces(ih_),
               [&](Index k) { return l.tokens.embedding + l.tokens.used[k] * l.inputs; });
  }

  // A block of the chunk's slots of dx.
  Index dx_pieces() const { return slot_blocks().number; }

  void dx_piece(Index block, const Sequence& dx, bool add, const WorkerScratch& scratch) const {
    SlotPlaces<Cell> places(*chunks_);
    const float* a[row_block];
    float* c[row_block];
    const Index first = chunks_->chunk().first_slot + slot_blocks().first(block), count = slot_blocks().count(block);
    for (Index i = 0; i < count; ++i) {
      const auto [t, rank] = places.of(first + i);
      a[i] = chunks_->da(first + i);
      c[i] = at(dx, t, rank);
    }
    multiply(a, count, ih_, c, add, scratch.block);
  }

  // A block of the columns of the chunk's sums.
  Index sum_pieces() const { return chunks_->chunk().slots == 0 ? 0 : ceil_div(sum_floats_, row_block); }

  void sum_piece(Index block) const {
    const Chunk& chunk = chunks_->chunk();
    const Index first = block * row_block, count = smaller(row_block, sum_floats_ - first);
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
  Index weight_pieces() const { return sum_floats_ == 0 || dw_ih_ == nullptr ? 0 : Cell::gates * blocks_.number; }

  void weight_piece(Index piece, const WorkerScratch& scratch) const {
    const Layer& l = chunks_->layer();
    const Index I = l.inputs, part = piece / blocks_.number, first = blocks_.first(piece % blocks_.number);
    const Index column = part * l.hidden + first, count = blocks_.count(piece % blocks_.number);
    float* dw = dw_ih_ + (Cell::part[part].of_x * l.hidden + first) * I;
    if (l.tokens.embedding == nullptr) return scatter(column, count, dw);
    for (Index k = 0; k < l.tokens.count; k += depth) {
      const Transposed sums(sums_ + k * sum_floats_, sum_floats_, smaller(depth, l.tokens.count - k), column, count,
                            scratch);
      sums.multiply_by(embeddings_, k, dw, I, k > 0);
    }
  }

  // And dE = sums·W_ih, in the rows of the tokens in use.
  Index embedding_pieces() const { return ceil_div(chunks_->layer().tokens.count, row_block); }

  void embedding_piece(Index block, float* dembedding, bool add, const WorkerScratch& scratch) const {
    const Layer& l = chunks_->layer();
    const float* a[row_block];
    float* c[row_block];
    const Index first = block * row_block, count = smaller(row_block, l.tokens.count - first);
    for (Index i = 0; i < count; ++i) {
      a[i] = sums_ + (first + i) * sum_floats_;
      c[i] = dembedding + l.tokens.used[first + i] * l.inputs;
    }
    multiply(a, count, ih_, c, add, scratch.block);
  }

 private:
  Blocks slot_blocks() const { return Blocks::of(chunks_->chunk().slots, chunks_->layer().threads); }

  void scatter(Index column, Index count, float* dw) const {
    const Layer& l = chunks_->layer();
    std::memset(dw, 0, count * l.inputs * sizeof(float));
    for (Index j = 0; j < count; ++j)
      for (Index k = 0; k < l.tokens.count; ++k)
        dw[j * l.inputs + l.tokens.used[k]] = sums_[k * sum_floats_ + column + j];
  }

  const Chunks<Cell>* chunks_;
  Blocks blocks_;
  float* dw_ih_;            // of tokens, or null
  RightMatrix ih_;          // (G·H, I), its rows in the order of da's input parts
  RightMatrix embeddings_;  // (tokens in use, I)
  float* sums_;             // (tokens in use, G·H): da's input parts
  Index sum_floats_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
