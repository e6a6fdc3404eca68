// One time step of some rows, for those who cannot wait for a sequence. The same bits as the forward pass: each sum is
// the same chain of multiply-adds, and only which chains stand side by side is another.
#pragma once

#include "forward.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Rows taken through all panels together: with few of them, a large batch would wait for the weights to come from the
// second-level cache again and again.
constexpr Index step_rows = 48;

// Both products of a panel for a single row, side by side: a chain waits for its last multiply-add, and the more chains
// there are the less the machine does. a starts from the bias.
template <int V>
void both_products(const float* x, Index I, const float* ih, const float* h, Index R, const float* hh,
                   const float* bias, float* a, float* s) {
  vec of_x[V], of_h[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    of_x[v] = load(bias + v * L);
    of_h[v] = vec{};
  }
  const Index both = smaller(I, R);
  Index k = 0;
  for (; k < both; ++k) {
    const vec x_k = all(x[k]), h_k = all(h[k]);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) of_x[v] = fma(x_k, load(ih + (k * V + v) * L), of_x[v]);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) of_h[v] = fma(h_k, load(hh + (k * V + v) * L), of_h[v]);
  }
  for (Index j = k; j < I; ++j) {
    const vec x_j = all(x[j]);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) of_x[v] = fma(x_j, load(ih + (j * V + v) * L), of_x[v]);
  }
  for (Index j = k; j < R; ++j) {
    const vec h_j = all(h[j]);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) of_h[v] = fma(h_j, load(hh + (j * V + v) * L), of_h[v]);
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    store(a + v * L, of_x[v]);
    store(s + v * L, of_h[v]);
  }
}

using BothProducts = void (*)(const float*, Index, const float*, const float*, Index, const float*, const float*,
                              float*, float*);
constexpr BothProducts both_products_of[max_vectors] = {both_products<1>, both_products<2>, both_products<3>,
                                                        both_products<4>};

// Where a row's input is; the rest is in its ForwardRow.
using Rows = const float* const*;

// One panel of the gates, for `n` rows: W_ih x + b and W_hh h in tiles, each followed by its cell.
template <class Cell>
void step_panel(const Packed& w, Index H, Index p, const ForwardRow* rows, Rows x, Rows h, Index n) {
  alignas(64) float a[max_rows][max_vectors * L], s[max_rows][max_vectors * L];
  float *a_tiles[max_rows], *s_tiles[max_rows];
  for (int r = 0; r < max_rows; ++r) {
    a_tiles[r] = a[r];
    s_tiles[r] = s[r];
  }
  const int V = w.hh.vectors(p);
  const Index first = p * w.hh.step(), u = first / Cell::gates, units = smaller(V * L / Cell::gates, H - u);
  Index tile = 0;
  for (Index m = 0; m < n; ++tile) {
    const int R = next_tile(n - m, tile_rows(V));
    if (R == 1) {
      both_products_of[V - 1](x[m], w.ih.K, w.ih.at(p, 0), h[m], w.hh.K, w.hh.at(p, 0), w.bias + first, a[0], s[0]);
    } else {
      for (int r = 0; r < R; ++r) std::memcpy(a[r], w.bias + first, V * L * sizeof(float));
      const float *next_ih = ahead(w.ih, p, 0, w.ih.K, tile), *next_hh = ahead(w.hh, p, 0, w.hh.K, tile);
      run_tile<RowsAt>(R, V, {x + m, 0, w.ih.K, w.ih.at(p, 0), next_ih, true, a_tiles, 0});
      run_tile<RowsAt>(R, V, {h + m, 0, w.hh.K, w.hh.at(p, 0), next_hh, false, s_tiles, 0});
    }
    for (int r = 0; r < R; ++r) Cell::forward(rows[m + r], a[r], s[r], w.b_hn, u, units, H);
    m += R;
  }
}

// The memory of a step: the new h of some rows, which may not replace the old one before every panel has read it, and
// what a projection is given.
struct StepMemory {
  float* y;
  float* m;

  static StepMemory of(Arena& arena, Index rows, Index H, Index R) {
    const Index block = smaller(rows, step_rows);
    return {arena.take<float>(block * R), arena.take<float>(R == H ? 0 : block * H)};
  }
};

template <class Cell>
void step(Index I, Index H, Index R, const float* packed, Index rows, const float* x, Index x_stride, const float* h,
          const float* c, float* h_out, float* c_out, bool backwards, float* scratch) {
  const Packed w = view<Cell>(const_cast<float*>(packed), I, H, R);
  Arena arena(scratch);
  const StepMemory memory = StepMemory::of(arena, rows, H, R);
  const bool projection = R != H;
  for (Index first = 0; first < rows; first += step_rows) {
    const Index n = smaller(step_rows, rows - first);
    ForwardRow row[step_rows];
    const float *x_rows[step_rows], *h_rows[step_rows], *m_rows[step_rows];
    float* y_rows[step_rows];
    for (Index i = 0; i < n; ++i) {
      const Index r = first + i;
      x_rows[i] = x + r * x_stride;
      h_rows[i] = h + r * R;
      y_rows[i] = memory.y + i * R;
      float* before_projection = projection ? memory.m + i * H : y_rows[i];
      m_rows[i] = before_projection;
      row[i] = {nullptr,
                h_rows[i],
                Cell::has_c ? c + r * H : nullptr,
                before_projection,
                Cell::has_c ? c_out + r * H : nullptr,
                nullptr};
    }
    const Index count = w.hh.count();
    for (Index p = 0; p < count; ++p) step_panel<Cell>(w, H, backwards ? count - 1 - p : p, row, x_rows, h_rows, n);
    if (projection) multiply(m_rows, n, w.hr, y_rows, false);
    std::memcpy(h_out + first * R, memory.y, n * R * sizeof(float));
  }
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
