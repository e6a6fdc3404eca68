// Phase 2 of the backward pass: what remains of a chunk are large matrix products over its slots.
#pragma once

#include "recurrence.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// to += from.
inline void add_to(float* to, const float* from, Index count) {
  for (Index i = 0; i < count; i += L) {
    const Index lanes = smaller(L, count - i);
    store(to + i, load(to + i, lanes) + load(from + i, lanes), lanes);
  }
}

// Part k of n of it. Nothing if `to` is null.
inline void add_part(float* to, const float* from, Index count, Index k, Index n) {
  const Index first = count * k / n;
  if (to != nullptr) add_to(to + first, from + first, count * (k + 1) / n - first);
}

// dW_ih = daᵀ·x, dW_hh = daᵀ·[h before], dW_hr = dpᵀ·m, and the sums of da for the biases.
template <class Cell>
class WeightProducts {
 public:
  // elsewhere: not in the direction's gradients, which are another pass's, but in memory of its own.
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, const Recurrence<Cell>& recurrence, bool elsewhere) {
    chunks_ = &chunks;
    recurrence_ = &recurrence;
    const Layer& l = chunks.layer();
    WeightGradients wanted = chunks.direction().gradients;
    if (l.tokens.of != nullptr) wanted.w_ih = nullptr;
    const Index K = chunks.most_slots();
    blocks_ = Blocks::of(l.hidden, ceil_div(chunks.threads(), Cell::parts));
    projection_blocks_ = Blocks::of(wanted.w_hr == nullptr ? 0 : l.outputs, chunks.threads());
    x_ = right_matrix(arena, wanted.w_ih != nullptr, K, l.inputs);
    const bool gates =
        wanted.w_ih != nullptr || wanted.w_hh != nullptr || wanted.b_ih != nullptr || wanted.b_hh != nullptr;
    gate_pieces_ = gates ? Cell::parts * blocks_.number : 0;
    h_before_ = right_matrix(arena, wanted.w_hh != nullptr, K, l.outputs);
    m_ = right_matrix(arena, wanted.w_hr != nullptr, K, l.hidden);
    gradients_ = wanted;
    each_array([&](auto array, Index floats) {
      if (elsewhere && wanted.*array != nullptr) gradients_.*array = arena.take<float>(floats);
    });
  }

  void start_chunk() { x_.K = h_before_.K = m_.K = chunks_->chunk().slots; }

  // Packing the chunk's x, h before and m, which does not wait for phase 1: some slots at a time.
  Index operands() const { return ceil_div(chunks_->chunk().slots, pack_block); }

  void pack_operand(Index piece) const {
    const Layer& l = chunks_->layer();
    const BackwardDirection& d = chunks_->direction();
    // row_at(place)
    const auto pack = [&](const RightMatrix& matrix, auto row_at) {
      SlotPlaces<Cell> places(*chunks_);
      pack_piece(matrix, piece, [&](Index k) { return row_at(places.of(k)); });
    };
    if (gradients_.w_ih != nullptr) pack(x_, [&](const auto& place) { return at(l.x, place.t, place.rank); });
    if (gradients_.w_hh != nullptr)
      pack(h_before_, [&](const auto& place) { return chunks_->h_before(place.position, place.rank); });
    if (gradients_.w_hr != nullptr) pack(m_, [&](const auto& place) { return d.kept.m + place.slot * l.hidden; });
  }

  // A block of rows of one part of da, or of dp.
  Index pieces() const { return chunks_->chunk().slots == 0 ? 0 : gate_pieces_ + projection_blocks_.number; }

  void piece(Index k, const WorkerScratch& scratch) const {
    if (k >= gate_pieces_) return projection_piece(k - gate_pieces_, scratch);
    const Index part = k / blocks_.number;
    const Layer& l = chunks_->layer();
    const WeightGradients& g = gradients_;
    const Index first = blocks_.first(k % blocks_.number), count = blocks_.count(k % blocks_.number);
    const Part of = Cell::part[part];
    const Index x_row = of.of_x * l.hidden + first, h_row = of.of_h * l.hidden + first;
    each_block([&](Index k_first, Index K, bool add) {
      const Transposed da(chunks_->da(k_first), chunks_->da_stride(), K, part * l.hidden + first, count, scratch);
      if (of.of_x >= 0) {
        da.sum(row(g.b_ih, x_row, 1), add);
        da.multiply_by(x_, k_first, row(g.w_ih, x_row, l.inputs), l.inputs, add);
      }
      if (of.of_h >= 0) {
        da.sum(row(g.b_hh, h_row, 1), add);
        da.multiply_by(h_before_, k_first, row(g.w_hh, h_row, l.outputs), l.outputs, add);
      }
    });
  }

  // Where there is no chunk at all.
  void clear() const {
    each_array([&](auto array, Index floats) {
      if (gradients_.*array != nullptr) std::memset(gradients_.*array, 0, floats * sizeof(float));
    });
  }

  // Part k of n of adding another pass's gradients.
  void add(const WeightProducts& other, Index k, Index n) const {
    each_array([&](auto array, Index floats) { add_part(gradients_.*array, other.gradients_.*array, floats, k, n); });
  }

 private:
  // call(array, its floats), each array a member of WeightGradients.
  template <class Call>
  void each_array(Call call) const {
    const Layer& l = chunks_->layer();
    const Index gates = Cell::gates * l.hidden;
    call(&WeightGradients::w_ih, gates * l.inputs);
    call(&WeightGradients::w_hh, gates * l.outputs);
    call(&WeightGradients::b_ih, gates);
    call(&WeightGradients::b_hh, gates);
    call(&WeightGradients::w_hr, l.outputs * l.hidden);
  }

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
      dp.multiply_by(m_, k_first, row(gradients_.w_hr, first, H), H, add);
    });
  }

  const Chunks<Cell>* chunks_;
  const Recurrence<Cell>* recurrence_;
  Blocks blocks_;
  Blocks projection_blocks_;
  Index gate_pieces_;          // none where no gate's weights want a gradient
  WeightGradients gradients_;  // w_ih null where the input is tokens, too
  RightMatrix x_;
  RightMatrix h_before_;
  RightMatrix m_;
};

// dx = da·W_ih. Of tokens, da is summed over each token's slots; that sum takes the place of da, and the tokens in use
// that of the slots.
template <class Cell>
class InputProducts {
 public:
  // dx: where it goes; its data is null if nobody asks for it. elsewhere: null, or where it goes instead, by slot.
  // embeddings: whether anybody asks for their gradient.
  void lay_out(Arena& arena, const Chunks<Cell>& chunks, const BackwardWeights<Cell>& weights, const Sequence& dx,
               float* elsewhere, bool embeddings) {
    chunks_ = &chunks;
    weights_ = &weights;
    dx_ = dx;
    dx_elsewhere_ = elsewhere;
    const Layer& l = chunks.layer();
    blocks_ = Blocks::of(l.hidden, l.threads);
    dw_ih_ = l.tokens.of == nullptr ? nullptr : chunks.direction().gradients.w_ih;
    sum_floats_ = l.tokens.of != nullptr && (embeddings || dw_ih_ != nullptr) ? Cell::gates * l.hidden : 0;
    sums_ = arena.take<float>(l.tokens.count * sum_floats_);
  }

  // Before the first chunk.
  void start() const { std::memset(sums_, 0, chunks_->layer().tokens.count * sum_floats_ * sizeof(float)); }

  // A block of the chunk's slots of dx.
  Index dx_pieces() const { return dx_.data == nullptr ? 0 : slot_blocks().number; }

  void dx_piece(Index block, const WorkerScratch& scratch) const {
    const Index I = chunks_->layer().inputs;
    SlotPlaces<Cell> places(*chunks_);
    const float* a[row_block];
    float* c[row_block];
    const Index first = slot_blocks().first(block), count = slot_blocks().count(block);
    for (Index i = 0; i < count; ++i) {
      const auto place = places.of(first + i);
      a[i] = chunks_->da(first + i);
      c[i] = dx_elsewhere_ == nullptr ? at(dx_, place.t, place.rank) : dx_elsewhere_ + place.slot * I;
    }
    multiply(a, count, weights_->ih(), c, false, scratch.block);
  }

  // A block of the columns of the chunk's sums.
  Index sum_pieces() const { return chunks_->chunk().slots == 0 ? 0 : ceil_div(sum_floats_, row_block); }

  void sum_piece(Index block) const {
    SlotPlaces<Cell> places(*chunks_);
    const Index first = block * row_block, count = smaller(row_block, sum_floats_ - first);
    for (Index k = 0; k < chunks_->chunk().slots; ++k) {
      float* sum = sums_ + chunks_->layer().tokens.of[places.of(k).slot] * sum_floats_ + first;
      add_to(sum, chunks_->da(k) + first, count);
    }
  }

  // Part k of n of adding another pass's sums.
  void add(const InputProducts& other, Index k, Index n) const {
    add_part(sums_, other.sums_, chunks_->layer().tokens.count * sum_floats_, k, n);
  }

  // After the last chunk: dW_ih = sumsᵀ·[embeddings], or of one-hot tokens the sums themselves, as columns.
  Index weight_pieces() const { return sum_floats_ == 0 || dw_ih_ == nullptr ? 0 : Cell::gates * blocks_.number; }

  void weight_piece(Index piece, const WorkerScratch& scratch) const {
    const Layer& l = chunks_->layer();
    const Index I = l.inputs, part = piece / blocks_.number, first = blocks_.first(piece % blocks_.number);
    const Index column = part * l.hidden + first, count = blocks_.count(piece % blocks_.number);
    float* dw = dw_ih_ + (Cell::part[part].of_x * l.hidden + first) * I;
    if (l.tokens.embedding == nullptr || l.tokens.count == 0) return scatter(column, count, dw);
    for (Index k = 0; k < l.tokens.count; k += depth) {
      const Transposed sums(sums_ + k * sum_floats_, sum_floats_, smaller(depth, l.tokens.count - k), column, count,
                            scratch);
      sums.multiply_by(weights_->embeddings(), k, dw, I, k > 0);
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
    multiply(a, count, weights_->ih(), c, add, scratch.block);
  }

 private:
  Blocks slot_blocks() const { return Blocks::of(chunks_->chunk().slots, chunks_->threads()); }

  void scatter(Index column, Index count, float* dw) const {
    const Layer& l = chunks_->layer();
    std::memset(dw, 0, count * l.inputs * sizeof(float));
    for (Index j = 0; j < count; ++j)
      for (Index k = 0; k < l.tokens.count; ++k)
        dw[j * l.inputs + l.tokens.used[k]] = sums_[k * sum_floats_ + column + j];
  }

  const Chunks<Cell>* chunks_;
  const BackwardWeights<Cell>* weights_;
  Sequence dx_;
  float* dx_elsewhere_;
  Blocks blocks_;  // of what is left after the last chunk, which all threads share
  float* dw_ih_;   // of tokens, or null
  float* sums_;    // (tokens in use, G·H): da's input parts
  Index sum_floats_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
