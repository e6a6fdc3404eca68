// LSTM: Hochreiter & Schmidhuber 1997; forget gate, Gers, Schmidhuber & Cummins 2000.
//
//   i, f, o = σ(·), g = tanh(·);  c' = f⊙c + i⊙g;  h' = o⊙tanh(c')
#pragma once

#include "walk.h"

namespace ostinato::OSTINATO_ISA {
namespace {

struct Lstm {
  static constexpr int gates = 4;
  static constexpr int panel_gates = 4;  // a panel holds L units, all gates of each
  static constexpr bool has_c = true;
  static constexpr int kept_gates = 4;
  static constexpr bool carries_h = false;  // from step to step, past the matrix product

  // What the backward pass hands on, in parts of H: the gradients of i f g o.
  static constexpr int parts = 4;
  static constexpr Part part[parts] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
  static constexpr int first_part_of_h = 0;

  // a: W_ih x + b, s: W_hh h, of this panel; units u to u + n.
  static void forward(const ForwardRow& row, const float* a, const float* s, const float*, Index u, Index n, Index H) {
    const vec i = sigmoid(load(a) + load(s));
    const vec f = sigmoid(load(a + L) + load(s + L));
    const vec g = tanh(load(a + 2 * L) + load(s + 2 * L));
    const vec o = sigmoid(load(a + 3 * L) + load(s + 3 * L));
    const vec c = fma(f, load(row.c + u, n), i * g);
    store(row.c_out + u, c, n);
    store(row.h_out + u, o * tanh(c), n);
    if (row.gates == nullptr) return;
    store(row.gates + u, i, n);
    store(row.gates + H + u, f, n);
    store(row.gates + 2 * H + u, g, n);
    store(row.gates + 3 * H + u, o, n);
  }

  static void backward(const BackwardRow& row, vec dh, Index u, Index n, Index H) {
    const vec i = load(row.gates + u, n), f = load(row.gates + H + u, n);
    const vec g = load(row.gates + 2 * H + u, n), o = load(row.gates + 3 * H + u, n);
    const vec tanh_c = tanh(load(row.c + u, n));
    const vec dc = fma(dh * o, 1.0f - tanh_c * tanh_c, load(row.carry + u, n));
    store(row.carry + u, dc * f, n);
    store(row.da + u, dc * g * i * (1.0f - i), n);
    store(row.da + H + u, dc * load(row.c_before + u, n) * f * (1.0f - f), n);
    store(row.da + 2 * H + u, dc * i * (1.0f - g * g), n);
    store(row.da + 3 * H + u, dh * tanh_c * o * (1.0f - o), n);
  }
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
