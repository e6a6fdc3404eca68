// The simple recurrent network, Elman 1990:  h' = tanh(W_ih x + W_hh h), or max(0, ·).
#pragma once

#include "walk.h"

namespace ostinato::OSTINATO_ISA {
namespace {

struct Tanh {
  static vec of(vec a) { return tanh(a); }
  static vec slope(vec h) { return 1.0f - h * h; }
};

struct Relu {
  static vec of(vec a) { return at_least(all(0.0f), a); }
  static vec slope(vec h) { return h > all(0.0f) ? all(1.0f) : all(0.0f); }
};

template <class Activation>
struct Rnn {
  static constexpr int gates = 1;
  static constexpr int panel_gates = 0;  // a panel holds as many units as it is wide
  static constexpr bool has_c = false;
  static constexpr int kept_gates = 0;
  static constexpr bool carries_h = false;  // from step to step, past the matrix product

  static constexpr int parts = 1;
  static constexpr Part part[parts] = {{0, 0}};
  static constexpr int first_part_of_h = 0;

  static void forward(const ForwardRow& row, const float* a, const float* s, const float*, Index u, Index n, Index) {
    for (Index v = 0; v < n; v += L)
      store(row.h_out + u + v, Activation::of(load(a + v) + load(s + v)), smaller(L, n - v));
  }

  static void backward(const BackwardRow& row, vec dh, Index u, Index n, Index) {
    store(row.da + u, dh * Activation::slope(load(row.h + u, n)), n);
  }
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
