// Matrix products in register tiles.
//
// The right-hand matrix is packed into panels of a few vectors' width, so that a tile walks it in one straight line.
// The rows of the left-hand one stay where they are: a tile is given a pointer to each. That is what makes padded,
// packed, transposed and gathered sequences one case.
//
// Every element of a product is one chain of multiply-adds over k, in order, starting from 0 or from what was there.
// Neither the tile it falls into nor the rows beside it change a bit of it.
#pragma once

#include "simd.h"

namespace ostinato::OSTINATO_ISA {
namespace {

constexpr Index line = 16;      // floats of a cache line
constexpr int max_vectors = 4;  // a panel's width
constexpr int max_rows = 8;

// A cache line that is soon read, or written, on its way to the second-level cache.
inline void expect(const float* p) { __builtin_prefetch(p, 0, 2); }

// Rows of a tile of V vectors such that its sums, a row of the panel and a broadcast fit the registers.
constexpr int tile_rows(int V) {
  const int rows = (registers == 32 ? 24 : 12) / V;
  return rows < max_rows ? rows : max_rows;
}

constexpr Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }
constexpr Index smaller(Index a, Index b) { return a < b ? a : b; }
constexpr Index larger(Index a, Index b) { return a > b ? a : b; }

// The left-hand rows of a tile: each somewhere, or side by side as the columns of a block.
template <int R>
struct RowsAt {
  const float* row[R];
  RowsAt(const float* const* a, Index k) {
    for (int r = 0; r < R; ++r) row[r] = a[r] + k;
  }
  float operator()(int r, Index k) const { return row[r][k]; }
};

// The most columns of a block whose transpose is multiplied.
constexpr Index column_block = 96;

template <int R>
struct BlockColumns {
  const float* data;
  BlockColumns(const float* const* a, Index k) : data(a[0] + k * column_block) {}
  float operator()(int r, Index k) const { return data[k * column_block + r]; }
};

// out[r] (+)= Σ_k a[r][k]·panel[k] or out[r] = bias + Σ_k …, R rows of V vectors.
struct TileArguments {
  const float* const* a;  // the left-hand rows, or columns
  Index a_offset;         // the first k
  Index K;
  const float* panel;
  const float* ahead;  // K cache lines to have in the second-level cache afterwards
  bool add;            // whether to start from what `out` holds
  float* const* out;   // the rows
  Index out_offset;
  const float* bias = nullptr;
};

template <int R, int V, template <int> class Left>
void tile(const TileArguments& t) {
  vec sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const float* start = t.add ? t.out[r] + t.out_offset : t.bias;
      sum[r][v] = start == nullptr ? vec{} : load(start + v * L);
    }
  const Left<R> a(t.a, t.a_offset);
  const float* panel = t.panel;
#pragma GCC unroll 2
  for (Index k = 0; k < t.K; ++k, panel += V * L) {
    expect(t.ahead + k * line);
    vec w[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) w[v] = load(panel + v * L);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const vec x = all(a(r, k));
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sum[r][v] = fma(x, w[v], sum[r][v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(t.out[r] + t.out_offset + v * L, sum[r][v]);
}

using Tile = void (*)(const TileArguments&);

template <int R, int V, template <int> class Left>
constexpr Tile tile_if_it_fits() {
  if constexpr (R <= tile_rows(V)) {
    return tile<R, V, Left>;
  } else {
    return nullptr;
  }
}

template <int V, template <int> class Left>
struct TilesOf {
  static constexpr Tile by_rows[max_rows] = {tile_if_it_fits<1, V, Left>(), tile_if_it_fits<2, V, Left>(),
                                             tile_if_it_fits<3, V, Left>(), tile_if_it_fits<4, V, Left>(),
                                             tile_if_it_fits<5, V, Left>(), tile_if_it_fits<6, V, Left>(),
                                             tile_if_it_fits<7, V, Left>(), tile_if_it_fits<8, V, Left>()};
};

template <template <int> class Left>
inline void run_tile(int rows, int vectors, const TileArguments& t) {
  constexpr const Tile* tiles[max_vectors] = {TilesOf<1, Left>::by_rows, TilesOf<2, Left>::by_rows,
                                              TilesOf<3, Left>::by_rows, TilesOf<4, Left>::by_rows};
  tiles[vectors - 1][rows - 1](t);
}

// A (K, N) matrix in panels of `width` vectors, the last one as narrow as it can be: [panel][k][vector][lane].
struct Panels {
  float* data;
  Index K;
  Index N;
  int width;

  Index step() const { return width * L; }
  Index count() const { return ceil_div(N, step()); }
  int vectors(Index p) const { return static_cast<int>(smaller(width, ceil_div(N - p * step(), L))); }
  Index columns(Index p) const { return smaller(step(), N - p * step()); }
  float* at(Index p, Index k) const { return data + p * step() * K + k * vectors(p) * L; }
};

// While some rows go through panel p, tile by tile, the panel after it comes nearer: matrices of more than the
// second-level cache would otherwise be waited for at every panel. What the n-th tile is to fetch of it.
inline const float* ahead(const Panels& panels, Index p, Index first_k, Index K, Index n) {
  const Index next = p + 1 < panels.count() ? p + 1 : 0, lines = K * panels.vectors(next) * L / line;
  return panels.at(next, first_k) + (n * K < lines ? n * K * line : 0);
}

inline Index panel_floats(Index K, Index N) { return K * ceil_div(N, L) * L; }

// `count` rows, by pointer, as the panels' rows from `first` on.
inline void pack_rows(const Panels& panels, const float* const* rows, Index count, Index first) {
  for (Index p = 0; p < panels.count(); ++p) {
    const Index column = p * panels.step(), n = panels.columns(p);
    float* to = panels.at(p, first);
    for (Index k = 0; k < count; ++k)
      for (Index v = 0; v < n; v += L, to += L) store(to, load(rows[k] + column + v, smaller(L, n - v)));
  }
}

// L of a panel's columns, of which `lanes` are real, from as many rows of `stride` floats: the transpose. to: vectors
// `step` floats apart.
inline void pack_columns(const float* from, Index stride, Index K, Index lanes, float* to, Index step) {
  const Index even = lanes == L ? K / 4 * 4 : 0;
  for (Index k = 0; k < even; k += 4)
    for (Index l = 0; l < L; l += 4) transpose4(from + l * stride + k, stride, to + k * step + l, step);
  for (Index k = even; k < K; ++k)
    for (Index l = 0; l < L; ++l) to[k * step + l] = l < lanes ? from[l * stride + k] : 0.0f;
}

// How many of the remaining rows the next tile takes: the fewest tiles, and those as even as they can be.
inline int next_tile(Index rows, int most) { return static_cast<int>(ceil_div(rows, ceil_div(rows, most))); }

constexpr Index k_block = 512;  // a tile's part of a panel stays in the second-level cache

// c[m] (+)= Σ_k a[m][a_first + k]·B[b_first + k] for each of `rows` rows and for k from 0 to K, at most k_block; c is
// as wide as B. What is not added to starts from the bias, which is as wide as the panels, or from 0. Panels outside,
// rows inside: a panel's block comes from memory once.
template <template <int> class Left>
void multiply_block(const float* const* a, Index a_first, Index rows, const Panels& b, Index b_first, Index K,
                    float* const* c, bool add, const float* bias = nullptr) {
  alignas(64) float edge[max_rows][max_vectors * L] = {};
  float* edges[max_rows];
  for (int r = 0; r < max_rows; ++r) edges[r] = edge[r];
  for (Index p = 0; p < b.count(); ++p) {
    const int V = b.vectors(p);
    const Index n = b.columns(p), first = p * b.step();
    const float* start = bias == nullptr ? nullptr : bias + first;
    Index tile = 0;
    for (Index m = 0; m < rows; ++tile) {
      const int R = next_tile(rows - m, tile_rows(V));
      const float* next = ahead(b, p, b_first, K, tile);
      if (n == V * L) {
        run_tile<Left>(R, V, {a + m, a_first, K, b.at(p, b_first), next, add, c + m, first, start});
      } else {  // the last panel is wider than the matrix
        for (int r = 0; r < R && add; ++r) std::memcpy(edge[r], c[m + r] + first, n * sizeof(float));
        run_tile<Left>(R, V, {a + m, a_first, K, b.at(p, b_first), next, add, edges, 0, start});
        for (int r = 0; r < R; ++r) std::memcpy(c[m + r] + first, edge[r], n * sizeof(float));
      }
      m += R;
    }
  }
}

// Sums of some rows, of so many columns at most, that are made before they are used.
constexpr Index sum_columns = 512;
constexpr Index sum_stride = sum_columns + L;  // not a power of two: rows would share cache lines

// use(row, sum, column, lanes) for each row and vector of columns, of which the first is `first`. Row by row: what
// `use` reads and writes beside the sums then comes in straight lines, which the processor sees coming.
template <class Use>
void use_sums(const float* sums, Index rows, Index first, Index columns, Use use) {
  for (Index m = 0; m < rows; ++m)
    for (Index v = 0; v < columns; v += L) use(m, load(sums + m * sum_stride + v), first + v, smaller(L, columns - v));
}

// use(row, sum, column, lanes) for each row and vector of columns of a·B. sums: rows times sum_stride.
template <class Use>
void each_sum(const float* const* a, Index rows, const Panels& b, float* sums, Use use) {
  float* tiles[max_rows];
  for (Index first = 0; first < b.N; first += sum_columns) {
    const Index columns = smaller(sum_columns, b.N - first);
    for (Index column = 0; column < columns; column += b.step()) {
      const Index p = (first + column) / b.step();
      const int V = b.vectors(p);
      Index tile = 0;
      for (Index m = 0; m < rows; ++tile) {
        const int R = next_tile(rows - m, tile_rows(V));
        for (int r = 0; r < R; ++r) tiles[r] = sums + (m + r) * sum_stride + column;
        run_tile<RowsAt>(R, V, {a + m, 0, b.K, b.at(p, 0), ahead(b, p, 0, b.K, tile), false, tiles, 0});
        m += R;
      }
    }
    use_sums(sums, rows, first, columns, use);
  }
}

// Columns of a matrix, as the rows of its transpose: [k][column_block].
struct CopiedColumns {
  float* data;
  Index rows;
  Index K;

  static constexpr Index floats(Index, Index K) { return column_block * K; }
};

// Columns [0, count) of K rows, `stride` floats from one to the next, and the sum of each. They are copied together:
// where they come from, each row is on a page of its own. sums: count, rounded up to vectors.
inline CopiedColumns copy_columns(const float* data, Index stride, Index K, Index count, float* to, float* sums) {
  for (Index m = 0; m < count; m += L) store(sums + m, vec{});
  for (Index k = 0; k < K; ++k) {
    for (Index m = 0; m < count; m += L) {
      const vec v = load(data + k * stride + m, smaller(L, count - m));
      store(to + k * column_block + m, v);
      store(sums + m, load(sums + m) + v);
    }
  }
  return {to, count, K};
}

// c[m] (+)= row m of a·B[b_first …]; c is as wide as B.
inline void multiply_block(const CopiedColumns& a, const Panels& b, Index b_first, float* const* c, bool add) {
  const float* columns[column_block];
  for (Index m = 0; m < a.rows; ++m) columns[m] = a.data + m;
  multiply_block<BlockColumns>(columns, 0, a.rows, b, b_first, a.K, c, add);
}

// c[m] (+)= a[m]·B.
inline void multiply(const float* const* a, Index rows, const Panels& b, float* const* c, bool add) {
  for (Index k = 0; k < b.K; k += k_block)
    multiply_block<RowsAt>(a, k, rows, b, k, smaller(k_block, b.K - k), c, add || k > 0);
}

// c[m] = bias + a[m]·B.
inline void affine(const float* const* a, Index rows, const Panels& b, const float* bias, float* const* c) {
  for (Index k = 0; k < b.K; k += k_block)
    multiply_block<RowsAt>(a, k, rows, b, k, smaller(k_block, b.K - k), c, k > 0, bias);
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
