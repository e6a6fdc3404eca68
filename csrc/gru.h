// GRU: Cho et al. 2014, in the form where the reset gate comes after the matrix product.
//
//   r, z = σ(·);  q = W_hn h + b_hn;  n = tanh(W_in x + b_in + r⊙q);  h' = (1−z)⊙n + z⊙h
#pragma once

#include "walk.h"

namespace ostinato::OSTINATO_ISA {
namespace {

struct Gru {
  static constexpr int gates = 3;
  static constexpr int panel_gates = 3;
  static constexpr bool has_c = false;
  static constexpr int kept_gates = 4;
  static constexpr bool carries_h = true;  // from step to step, past the matrix product

  // The gradient of n reaches W_in as it is and W_hn times r, so it is there twice: n r z, then n⊙r. The input's
  // weights see the first three parts, the recurrent ones the last three, in the order r z n.
  static constexpr int parts = 4;
  static constexpr Part part[parts] = {{2, -1}, {0, 0}, {1, 1}, {-1, 2}};
  static constexpr int first_part_of_h = 1;

  static void forward(const ForwardRow& row, const float* a, const float* s, const float* b_hn, Index u, Index count,
                      Index H) {
    const vec r = sigmoid(load(a) + load(s));
    const vec z = sigmoid(load(a + L) + load(s + L));
    const vec q = load(s + 2 * L) + load(b_hn + u);
    const vec n = tanh(fma(r, q, load(a + 2 * L)));
    store(row.h_out + u, fma(z, load(row.h + u, count) - n, n), count);
    if (row.gates == nullptr) return;
    store(row.gates + u, r, count);
    store(row.gates + H + u, z, count);
    store(row.gates + 2 * H + u, n, count);
    store(row.gates + 3 * H + u, q, count);
  }

  static void backward(const BackwardRow& row, vec dh, Index u, Index count, Index H) {
    const vec r = load(row.gates + u, count), z = load(row.gates + H + u, count);
    const vec n = load(row.gates + 2 * H + u, count), q = load(row.gates + 3 * H + u, count);
    const vec da_n = dh * (1.0f - z) * (1.0f - n * n);
    store(row.carry + u, dh * z, count);
    store(row.da + u, da_n, count);
    store(row.da + H + u, da_n * q * r * (1.0f - r), count);
    store(row.da + 2 * H + u, dh * (load(row.h_before + u, count) - n) * z * (1.0f - z), count);
    store(row.da + 3 * H + u, da_n * r, count);
  }
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
