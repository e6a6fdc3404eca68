// What one direction's backward pass multiplies by that no chunk changes, packed once: its weights, and the embeddings
// of the tokens in use.
#pragma once

#include "step_product.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Row k of W_ih or W_hh, (G·H, N), the gates in the order of da's parts.
template <class Cell>
const float* weights_row(const float* weights, Index N, Index H, int first_part, Index k) {
  const Part& part = Cell::part[first_part + k / H];
  return weights + ((first_part == 0 ? part.of_x : part.of_h) * H + k % H) * N;
}

template <class Cell>
class BackwardWeights {
 public:
  // step_rows: rows of a step that are multiplied at a time. input_wanted: whether anybody asks for the gradient of the
  // input or of the embedding.
  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d, Index step_rows, bool input_wanted) {
    layer_ = &l;
    weights_ = &d.weights;
    const Index H = l.hidden, R = l.outputs;
    hh_.lay_out(arena, true, Cell::gates * H, R, step_rows);
    hr_.lay_out(arena, d.weights.w_hr != nullptr, R, H, step_rows);
    ih_ = right_matrix(arena, input_wanted, Cell::gates * H, l.inputs);
    embeddings_ =
        right_matrix(arena, d.gradients.w_ih != nullptr && l.tokens.of != nullptr && l.tokens.embedding != nullptr,
                     l.tokens.count, l.inputs);
  }

  // Packing them, in pieces that threads may share.
  Index pieces() const { return hh_.pieces() + hr_.pieces() + pack_pieces(ih_) + pack_pieces(embeddings_); }

  void pack(Index piece) const {
    const Index H = layer_->hidden, R = layer_->outputs, I = layer_->inputs;
    if (piece < hh_.pieces())
      return hh_.pack(piece,
                      [&](Index k) { return weights_row<Cell>(weights_->w_hh, R, H, Cell::first_part_of_h, k); });
    if ((piece -= hh_.pieces()) < hr_.pieces()) return hr_.pack(piece, [&](Index k) { return weights_->w_hr + k * H; });
    if ((piece -= hr_.pieces()) < pack_pieces(ih_))
      return pack_piece(ih_, piece, [&](Index k) { return weights_row<Cell>(weights_->w_ih, I, H, 0, k); });
    pack_piece(embeddings_, piece - pack_pieces(ih_),
               [&](Index k) { return layer_->tokens.embedding + layer_->tokens.used[k] * I; });
  }

  const StepProduct& hh() const { return hh_; }  // (G·H, R), its rows in the order of da's recurrent parts
  const StepProduct& hr() const { return hr_; }  // (R, H)
  const RightMatrix& ih() const { return ih_; }  // (G·H, I), its rows in the order of da's input parts
  const RightMatrix& embeddings() const { return embeddings_; }  // (tokens in use, I)

 private:
  const Layer* layer_;
  const Weights* weights_;
  StepProduct hh_;
  StepProduct hr_;
  RightMatrix ih_;
  RightMatrix embeddings_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
