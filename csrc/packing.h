// Weights, packed for the forward pass.
#pragma once

#include "arena.h"
#include "rnn.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Weights as the forward pass reads them. The columns of `ih` and `hh` are the gates, in panels in which a unit's gates
// stand together.
struct Packed {
  Panels ih;    // (I, gates)
  Panels hh;    // (R, gates)
  Panels hr;    // (H, R), the projection
  float* bias;  // (gates) what is added to W_ih x
  float* b_hn;  // (H, padded) what the GRU adds to W_hn h
  Index floats;
};

// The width of a panel of gates, in vectors.
template <class Cell>
constexpr int gate_vectors() {
  return Cell::panel_gates > 0 ? Cell::panel_gates : max_vectors;
}

// Columns of a matrix of gates, with those that pad the last panel.
template <class Cell>
inline Index gate_columns(Index H) {
  return ceil_div(H, L) * L * Cell::gates;
}

// The weights' row in column `column` of the gates' panels: its gate, and its unit, H or more for padding.
struct GateColumn {
  Index gate;
  Index unit;
};

template <class Cell>
inline GateColumn gate_column(Index column) {
  if constexpr (Cell::gates == 1) {
    return {0, column};
  } else {
    const Index panel = column / (Cell::gates * L), within = column % (Cell::gates * L);
    return {within / L, panel * L + within % L};
  }
}

// Where they are in `memory`. with_input: whether W_ih is wanted in this form; one-hot input takes its columns as they
// are.
template <class Cell>
Packed view(float* memory, Index I, Index H, Index R, bool with_input = true) {
  Arena arena(memory);
  const Index N = gate_columns<Cell>(H);
  float* bias = arena.take<float>(N);
  float* b_hn = arena.take<float>(ceil_div(H, L) * L);
  const Panels ih{arena.take<float>(with_input ? I * N : 0), with_input ? I : 0, N, gate_vectors<Cell>()};
  const Panels hh{arena.take<float>(R * N), R, N, gate_vectors<Cell>()};
  const Panels hr{R == H ? nullptr : arena.take<float>(panel_floats(H, R)), H, R, max_vectors};
  return {ih, hh, hr, bias, b_hn, arena.used()};
}

template <class Cell>
void pack_bias(const Weights& w, Index H, const Packed& packed) {
  // The GRU's b_hn is inside the reset gate's product; every other bias may be added to W_ih x.
  constexpr Index apart = Cell::gates == 3 ? 2 : Cell::gates;
  for (Index j = 0; j < packed.ih.N; ++j) {
    const auto [gate, unit] = gate_column<Cell>(j);
    const bool real = w.b_ih != nullptr && unit < H;
    packed.bias[j] = real ? w.b_ih[gate * H + unit] + (gate < apart ? w.b_hh[gate * H + unit] : 0.0f) : 0.0f;
    if (gate == apart && unit < ceil_div(H, L) * L) packed.b_hn[unit] = real ? w.b_hh[gate * H + unit] : 0.0f;
  }
}

// Panel p of gates from weights (G·H, K), whose rows become columns.
template <class Cell>
void pack_gates(const float* weights, Index H, const Panels& panels, Index p) {
  const Index first = p * panels.step(), K = panels.K;
  const int V = panels.vectors(p);
  float* to = panels.at(p, 0);
  for (int v = 0; v < V; ++v) {
    const auto [gate, unit] = gate_column<Cell>(first + v * L);
    const Index lanes = unit < H ? smaller(L, H - unit) : 0;
    pack_columns(weights + (gate * H + unit) * K, K, K, lanes, to + v * L, V * L);
  }
}

// Panel p of the projection from W_hr (R, H).
inline void pack_projection(const float* w_hr, const Panels& panels, Index p) {
  pack_gates<Rnn<Tanh>>(w_hr, panels.N, panels, p);
}

// All of them, in pieces that threads may share.
template <class Cell>
class Packing {
 public:
  Packing(const Weights& weights, Index H, const Packed& packed)
      : w_(weights), H_(H), to_(packed), ih_(packed.ih.K > 0 ? packed.ih.count() : 0) {}

  Index pieces() const { return 1 + ih_ + to_.hh.count() + (w_.w_hr == nullptr ? 0 : to_.hr.count()); }

  void piece(Index k) const {
    if (k == 0) return pack_bias<Cell>(w_, H_, to_);
    if ((k -= 1) < ih_) return pack_gates<Cell>(w_.w_ih, H_, to_.ih, k);
    if ((k -= ih_) < to_.hh.count()) return pack_gates<Cell>(w_.w_hh, H_, to_.hh, k);
    pack_projection(w_.w_hr, to_.hr, k - to_.hh.count());
  }

 private:
  const Weights& w_;
  Index H_;
  const Packed& to_;
  Index ih_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
