// One time step of some rows, for those who cannot wait for a sequence. The same bits as the forward pass: each sum is
// the same chain of multiply-adds, and only which chains stand side by side is another.
#pragma once

#include "bfloat16.h"
#include "forward.h"
#include "int8.h"

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

using Rows = const float* const*;
using Tiles = float (*)[max_vectors * L];

// What a step asks of its weights, in whichever precision they are: `prepare` for the rows of a block, then `products`
// for tiles of them, at most `most_rows` rows: a = W_ih x + b and s = W_hh h, panel by panel.

// The memory of a step: the new h of a block of rows, which may not replace the old one before every panel has read it;
// what a projection is given; and of int8 the block's x and h as integers.
struct StepMemory {
  float* y;
  float* m;
  Four *x, *h;
  float *x_scale, *h_scale;
  std::int16_t* rounded;

  static StepMemory of(Arena& arena, Precision precision, Index rows, Index I, Index H, Index R) {
    const Index block = smaller(rows, step_rows), integers = precision == Precision::int8 ? block : 0;
    return {arena.take<float>(block * R),
            arena.take<float>(R == H ? 0 : block * H),
            arena.take<Four>(integers * fours(I)),
            arena.take<Four>(integers * fours(R)),
            arena.take<float>(integers),
            arena.take<float>(integers),
            arena.take<std::int16_t>(integers == 0 ? 0 : larger(I, R) + L)};
  }
};

template <class Cell>
struct Float32Weights {
  Packed w;
  Rows x, h;

  Float32Weights(float* memory, Index I, Index H, Index R) : w(view<Cell>(memory, I, H, R)) {}

  Index floats() const { return w.floats; }

  // They are packed where they lie.
  void pack(const Packed&, const Scales&, Index) const {}

  static int most_rows(int V) { return tile_rows(V); }

  void prepare(Rows x_rows, Rows h_rows, Index, const StepMemory&) {
    x = x_rows;
    h = h_rows;
  }

  void products(Index p, Index m, int R, Index tile, Tiles a, Tiles s) const {
    const int V = w.hh.vectors(p);
    const float* bias = w.bias + p * w.hh.step();
    if (R == 1) {
      return both_products_of[V - 1](x[m], w.ih.K, w.ih.at(p, 0), h[m], w.hh.K, w.hh.at(p, 0), bias, a[0], s[0]);
    }
    float *a_tiles[max_rows], *s_tiles[max_rows];
    for (int r = 0; r < R; ++r) {
      a_tiles[r] = a[r];
      s_tiles[r] = s[r];
      std::memcpy(a[r], bias, V * L * sizeof(float));
    }
    const float *next_ih = ahead(w.ih, p, 0, w.ih.K, tile), *next_hh = ahead(w.hh, p, 0, w.hh.K, tile);
    run_tile<RowsAt>(R, V, {x + m, 0, w.ih.K, w.ih.at(p, 0), next_ih, true, a_tiles, 0});
    run_tile<RowsAt>(R, V, {h + m, 0, w.hh.K, w.hh.at(p, 0), next_hh, false, s_tiles, 0});
  }
};

// Of reduced precision: what is float32 as in `Packed`, whose `ih` and `hh` have no memory, and the matrices.
template <class Cell, class Matrix>
struct ReducedWeights {
  Packed w;
  Matrix ih, hh;

  ReducedWeights(float* memory, Index I, Index H, Index R) {
    Arena arena(memory);
    const Index N = gate_columns<Cell>(H);
    w.bias = arena.take<float>(N);
    w.b_hn = arena.take<float>(ceil_div(H, L) * L);
    w.ih = {nullptr, I, N, gate_vectors<Cell>()};
    w.hh = {nullptr, R, N, gate_vectors<Cell>()};
    w.hr = {R == H ? nullptr : arena.take<float>(panel_floats(H, R)), H, R, max_vectors};
    ih = Matrix::of(arena, I, N, gate_vectors<Cell>());
    hh = Matrix::of(arena, R, N, gate_vectors<Cell>());
    w.floats = arena.used();
  }

  Index floats() const { return w.floats; }

  // From weights packed as float32.
  void pack(const Packed& from, const Scales& scales, Index H) const {
    std::memcpy(w.bias, from.bias, from.ih.N * sizeof(float));
    std::memcpy(w.b_hn, from.b_hn, ceil_div(H, L) * L * sizeof(float));
    if (w.hr.data != nullptr) std::memcpy(w.hr.data, from.hr.data, panel_floats(H, w.hr.N) * sizeof(float));
    ih.pack(from.ih, [&](Index column) { return scale_of(scales.w_ih, column, H); });
    hh.pack(from.hh, [&](Index column) { return scale_of(scales.w_hh, column, H); });
  }

 private:
  static float scale_of(const float* scales, Index column, Index H) {
    const auto [gate, unit] = gate_column<Cell>(column);
    return unit < H ? scales[gate * H + unit] : 0.0f;
  }
};

template <class Cell>
struct Bfloat16Weights : ReducedWeights<Cell, Bfloat16Panels> {
  Rows x, h;

  using ReducedWeights<Cell, Bfloat16Panels>::ReducedWeights;

  static int most_rows(int) { return bfloat16_rows; }

  void prepare(Rows x_rows, Rows h_rows, Index, const StepMemory&) {
    x = x_rows;
    h = h_rows;
  }

  void products(Index p, Index m, int R, Index, Tiles a, Tiles s) const {
    const Index first = p * this->w.hh.step();
    const Bfloat16Tile tile = bfloat16_tiles[R - 1][this->w.hh.vectors(p) - 1];
    tile(x + m, this->ih.K, this->ih.data + first * this->ih.K, this->w.bias + first, a);
    tile(h + m, this->hh.K, this->hh.data + first * this->hh.K, nullptr, s);
  }
};

template <class Cell>
struct Int8Weights : ReducedWeights<Cell, Int8Panels> {
  bool vnni = has_vnni();
  const StepMemory* memory;
  const Four *x_rows[step_rows], *h_rows[step_rows];

  using ReducedWeights<Cell, Int8Panels>::ReducedWeights;

  static int most_rows(int) { return int8_rows; }

  void prepare(Rows x, Rows h, Index n, const StepMemory& to) {
    const Index I = this->w.ih.K, R = this->w.hh.K;
    memory = &to;
    for (Index i = 0; i < n; ++i) {
      to.x_scale[i] = quantise(x[i], I, to.x + i * fours(I), to.rounded, vnni);
      to.h_scale[i] = quantise(h[i], R, to.h + i * fours(R), to.rounded, vnni);
      x_rows[i] = to.x + i * fours(I);
      h_rows[i] = to.h + i * fours(R);
    }
  }

  void products(Index p, Index m, int R, Index, Tiles a, Tiles s) const {
    this->ih.product(x_rows + m, memory->x_scale + m, R, p, vnni, this->w.bias + p * this->w.hh.step(), a);
    this->hh.product(h_rows + m, memory->h_scale + m, R, p, vnni, nullptr, s);
  }
};

// One panel of the gates, for `n` rows: products in tiles, each followed by its cell.
template <class Cell, class StepWeights>
void step_panel(const StepWeights& weights, Index H, Index p, const ForwardRow* rows, Index n) {
  alignas(64) float a[max_rows][max_vectors * L], s[max_rows][max_vectors * L];
  const Panels& gates = weights.w.hh;
  const int V = gates.vectors(p);
  const Index u = p * gates.step() / Cell::gates, units = smaller(V * L / Cell::gates, H - u);
  Index tile = 0;
  for (Index m = 0; m < n; ++tile) {
    const int R = next_tile(n - m, weights.most_rows(V));
    weights.products(p, m, R, tile, a, s);
    for (int r = 0; r < R; ++r) Cell::forward(rows[m + r], a[r], s[r], weights.w.b_hn, u, units, H);
    m += R;
  }
}

template <class Cell, class StepWeights>
void step(StepWeights weights, Precision precision, Index I, Index H, Index R, Index rows, const float* x,
          Index x_stride, const float* h, const float* c, float* h_out, float* c_out, bool backwards, float* scratch) {
  Arena arena(scratch);
  const StepMemory memory = StepMemory::of(arena, precision, rows, I, H, R);
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
    weights.prepare(x_rows, h_rows, n, memory);
    const Index count = weights.w.hh.count();
    for (Index p = 0; p < count; ++p) step_panel<Cell>(weights, H, backwards ? count - 1 - p : p, row, n);
    if (projection) multiply(m_rows, n, weights.w.hr, y_rows, false);
    std::memcpy(h_out + first * R, memory.y, n * R * sizeof(float));
  }
}

// call(weights) with a cell's weights of a precision, in memory that may be null.
template <class Cell, class Call>
auto with_weights(Precision precision, float* memory, Index I, Index H, Index R, Call call) {
  switch (precision) {
    case Precision::bfloat16:
      return call(Bfloat16Weights<Cell>(memory, I, H, R));
    case Precision::int8:
      return call(Int8Weights<Cell>(memory, I, H, R));
    default:
      return call(Float32Weights<Cell>(memory, I, H, R));
  }
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
