// float32 products on Intel's matrix unit (AMX), which multiplies bfloat16 only, but sixteen times as many at once as a
// vector's multiply-add does float32.
//
// A float32 has 24 significant bits and a bfloat16 8 of them: a = a₁ + a₂ + a₃, exactly, each what the ones before it
// leave, cut off after 8 bits. Of the nine products in ab = (a₁ + a₂ + a₃)(b₁ + b₂ + b₃) the three least, a₂b₃, a₃b₂
// and a₃b₃, are below what float32 can tell of ab and are left out: six bfloat16 products for one of float32, summed in
// float32 and in fewer roundings than a chain of multiply-adds (Henry, Tang & Heinecke 2019, "Leveraging the bfloat16
// artificial intelligence datatype for higher-precision computations").
//
// Infinities and NaN go where they belong: all three pieces of ∞ are ∞, and no piece of a finite number other than 0 is
// 0 or of another sign, so that six products with ∞ agree. What is below 2⁻¹²⁶ is 0.
#pragma once

#include "arena.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// A tile is 16 rows of 64 bytes. As a left-hand matrix's, 16 rows by 32 numbers of k; as a right-hand one's, 16 pairs
// of k by 16 columns. Which two k are a pair is the same on both sides, and free otherwise: k and k + 16, so that two
// vectors become pairs without shuffling.
constexpr Index tile_side = 16;
constexpr Index tile_k = 32;
constexpr Index tile_floats = 256;
constexpr Index pieces = 3;
constexpr Index split_floats = pieces * tile_floats;  // the tiles of all pieces

// The same for every thread, and for every tile: 16 rows of 64 bytes. Has the unit while it lives.
class MatrixUnit {
 public:
  MatrixUnit() {
    static constexpr struct alignas(64) {
      std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
      std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } shape;
    _tile_loadconfig(&shape);
  }
  ~MatrixUnit() { _tile_release(); }
  MatrixUnit(const MatrixUnit&) = delete;
  MatrixUnit& operator=(const MatrixUnit&) = delete;
};

struct Split {
  vec of[pieces];
};

inline Split split(vec a) {
  const auto cut = [](vec v) { return reinterpret_cast<vec>(reinterpret_cast<bits>(v) & 0xffff0000u); };
  // The least a piece may be: of 0 it is 0, of ∞ it is ∞, of NaN it is NaN, and 2⁻¹²⁶ with a's sign of the others.
  const vec smallest = with_sign_of(a, all(1.17549435e-38f));
  const vec least = _mm512_fixupimm_ps(smallest, a, _mm512_set1_epi32(0x00540822), 0);
  const auto at_least_in_magnitude = [&](vec v) { return static_cast<vec>(_mm512_range_ps(v, least, 0b0111)); };
  const vec first = cut(a), rest = at_least_in_magnitude(a - first);
  const vec second = cut(rest), third = at_least_in_magnitude(rest - second);
  return {{first, second, third}};
}

// Numbers k to k + 15 and k + 16 to k + 31 of one row or of 16 columns become a line of each piece's tile.
inline void split_pairs(vec low, vec high, float* to) {
  const Split a = split(low), b = split(high);
  for (int p = 0; p < pieces; ++p) {
    const bits lower = reinterpret_cast<bits>(a.of[p]) >> 16, upper = reinterpret_cast<bits>(b.of[p]) & 0xffff0000u;
    store(to + p * tile_floats, reinterpret_cast<vec>(lower | upper));
  }
}

// A (K, N) matrix for the right-hand side, in panels of two tiles' width, the last one of one if that is enough:
// [panel][k ÷ 32][tile][piece][16 pairs of k][column].
struct SplitPanels {
  float* data;
  Index K;
  Index N;

  static constexpr Index width = 2 * tile_side;

  Index count() const { return ceil_div(N, width); }
  int tiles(Index p) const { return N - p * width > tile_side ? 2 : 1; }
  Index columns(Index p) const { return smaller(width, N - p * width); }
  Index steps() const { return ceil_div(K, tile_k); }
  float* at(Index p, Index step) const { return data + (p * 2 * steps() + step * tiles(p)) * split_floats; }

  static constexpr Index floats(Index K, Index N) {
    return ceil_div(K, tile_k) * ceil_div(N, tile_side) * split_floats;
  }
};

// `count` rows, by pointer, as the panels' rows from `first` on, which is a multiple of 32; what is missing of a
// multiple of 32 becomes zeros.
inline void pack_rows(const SplitPanels& panels, const float* const* rows, Index count, Index first) {
  for (Index k = 0; k < count; k += tile_k) {
    for (Index p = 0; p < panels.count(); ++p) {
      float* to = panels.at(p, (first + k) / tile_k);
      for (Index j = 0; j < panels.tiles(p); ++j, to += split_floats) {
        const Index column = p * SplitPanels::width + j * tile_side, lanes = smaller(L, panels.N - column);
        const auto row = [&](Index i) { return i < count ? load(rows[i] + column, lanes) : vec{}; };
        for (Index i = 0; i < tile_side; ++i) split_pairs(row(k + i), row(k + i + tile_side), to + i * L);
      }
    }
  }
}

// Rows for the left-hand side: [16 rows][k ÷ 32][piece][row][16 pairs of k]; and room for as many rows of sums.
struct SplitRows {
  float* data;
  Index rows;
  Index K;

  Index steps() const { return ceil_div(K, tile_k); }
  float* at(Index tile, Index step) const { return data + (tile * steps() + step) * split_floats; }

  float* sums() const { return at(ceil_div(rows, tile_side), 0); }

  static constexpr Index floats(Index rows, Index K) {
    return ceil_div(rows, tile_side) * (ceil_div(K, tile_k) * split_floats + tile_side * sum_stride);
  }
};

// Numbers [a_first, a_first + K) of each row. A tile at a time, lest its lines leave the first-level cache half filled.
inline SplitRows split_rows(const float* const* a, Index a_first, Index rows, Index K, float* to) {
  const SplitRows split{to, rows, K};
  for (Index m = 0; m < rows; m += tile_side) {
    for (Index k = 0; k < K; k += tile_k, to += split_floats) {
      for (Index i = 0; i < tile_side; ++i) {
        const auto part = [&](Index first) {
          return m + i < rows && first < K ? load(a[m + i] + a_first + first, smaller(L, K - first)) : vec{};
        };
        split_pairs(part(k), part(k + L), to + i * L);
      }
    }
  }
  return split;
}

// Columns [0, count) of K rows, `stride` floats from one to the next, as the rows of the transpose; and the sum of each
// column. sums: count, rounded up to vectors.
inline SplitRows split_columns(const float* data, Index stride, Index K, Index count, float* to, float* sums) {
  const SplitRows split{to, count, K};
  for (Index m = 0; m < count; m += L) store(sums + m, vec{});
  for (Index k = 0; k < K; k += tile_k) {
    for (Index m = 0; m < count; m += L) {
      vec sum = load(sums + m);
      const auto columns = [&](Index first, vec* out) {
        for (Index i = 0; i < L; ++i) {
          out[i] = first + i < K ? load(data + (first + i) * stride + m, smaller(L, count - m)) : vec{};
          sum = sum + out[i];
        }
        transpose(out);
      };
      vec low[L], high[L];
      columns(k, low);
      columns(k + L, high);
      store(sums + m, sum);
      float* to_tile = split.at(m / tile_side, k / tile_k);
      for (Index i = 0; i < L; ++i) split_pairs(low[i], high[i], to_tile + i * L);
    }
  }
  return split;
}

// A panel comes from memory slower than it is multiplied: while rows go through one, the next comes nearer, some cache
// lines with each of a step's six products. 128 rows take as long as a whole panel.
constexpr Index lines_ahead = 4;
constexpr Index floats_ahead = 6 * lines_ahead * line;

// The sums of R by C tiles over `steps` times 32 of k. ahead: what to fetch meanwhile, floats_ahead for each step. out:
// rows that are `stride` floats apart. Tiles 0 to 3 are the sums; with every pair of pieces, one side's tiles stay for
// the next pair.
template <int R, int C>
void multiply_tiles(const float* a, Index a_tile, const float* b, Index steps, const float* ahead, float* out,
                    Index stride) {
#define OSTINATO_LEFT(piece)                     \
  _tile_loadd(4, a + (piece) * tile_floats, 64); \
  if constexpr (R == 2) _tile_loadd(5, a + a_tile + (piece) * tile_floats, 64);
#define OSTINATO_RIGHT(piece)                    \
  _tile_loadd(6, b + (piece) * tile_floats, 64); \
  if constexpr (C == 2) _tile_loadd(7, b + split_floats + (piece) * tile_floats, 64);
#define OSTINATO_ADD_PRODUCTS()                                         \
  for (Index i = 0; i < lines_ahead; ++i, ahead += line) expect(ahead); \
  _tile_dpbf16ps(0, 4, 6);                                              \
  if constexpr (C == 2) _tile_dpbf16ps(1, 4, 7);                        \
  if constexpr (R == 2) _tile_dpbf16ps(2, 5, 6);                        \
  if constexpr (R == 2 && C == 2) _tile_dpbf16ps(3, 5, 7);
  // GCC is not told that tiles are read from memory; what is written there comes first.
  __asm__ volatile("" ::: "memory");
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (Index step = 0; step < steps; ++step, a += split_floats, b += C * split_floats) {
    OSTINATO_LEFT(0)
    OSTINATO_RIGHT(2)
    OSTINATO_ADD_PRODUCTS()
    OSTINATO_RIGHT(1)
    OSTINATO_ADD_PRODUCTS()
    OSTINATO_LEFT(1)
    OSTINATO_ADD_PRODUCTS()
    OSTINATO_RIGHT(0)
    OSTINATO_ADD_PRODUCTS()
    OSTINATO_LEFT(2)
    OSTINATO_ADD_PRODUCTS()
    OSTINATO_LEFT(0)
    OSTINATO_ADD_PRODUCTS()
  }
  const Index bytes = stride * static_cast<Index>(sizeof(float));
  _tile_stored(0, out, bytes);
  if constexpr (C == 2) _tile_stored(1, out + tile_side, bytes);
  if constexpr (R == 2) _tile_stored(2, out + tile_side * stride, bytes);
  if constexpr (R == 2 && C == 2) _tile_stored(3, out + tile_side * stride + tile_side, bytes);
#undef OSTINATO_LEFT
#undef OSTINATO_RIGHT
#undef OSTINATO_ADD_PRODUCTS
}

// use(row, sum, column, lanes) for each row and vector of columns of a·B[b_first …]; b_first is a multiple of 32. Every
// other turn goes through B backwards, first through what the turn before has left in the cache.
template <class Use>
void each_sum(const SplitRows& a, const SplitPanels& b, Index b_first, Index turn, Use use) {
  constexpr Index side = SplitPanels::width;
  const MatrixUnit unit;
  const bool back = turn % 2 != 0;
  const Index b_step = b_first / tile_k, blocks = ceil_div(b.N, sum_columns);
  // What to fetch of panel p while rows from m on go through another.
  const auto part_of = [&](Index p, Index m) {
    const Index from = m / side * floats_ahead;
    return b.at(p, b_step) + (from + floats_ahead <= b.tiles(p) * split_floats ? from * a.steps() : 0);
  };
  for (Index block = 0; block < blocks; ++block) {
    const Index first = (back ? blocks - 1 - block : block) * sum_columns;
    const Index columns = smaller(sum_columns, b.N - first), panels = ceil_div(columns, side);
    for (Index panel = 0; panel < panels; ++panel) {
      const Index column = (back ? panels - 1 - panel : panel) * side, p = (first + column) / side;
      const Index next = back ? larger(p, 1) - 1 : smaller(p + 1, b.count() - 1);
      for (Index m = 0; m < a.rows; m += side) {
        const auto run = [&](auto multiply) {
          multiply(a.at(m / tile_side, 0), a.steps() * split_floats, b.at(p, b_step), a.steps(), part_of(next, m),
                   a.sums() + m * sum_stride + column, sum_stride);
        };
        if (a.rows - m > tile_side) {
          b.tiles(p) == 2 ? run(multiply_tiles<2, 2>) : run(multiply_tiles<2, 1>);
        } else {
          b.tiles(p) == 2 ? run(multiply_tiles<1, 2>) : run(multiply_tiles<1, 1>);
        }
      }
    }
    use_sums(a.sums(), a.rows, first, columns, use);
  }
}

// c[m] (+)= row m of a·B[b_first …]; c is as wide as B.
inline void multiply_block(const SplitRows& a, const SplitPanels& b, Index b_first, float* const* c, bool add) {
  each_sum(a, b, b_first, 0, [&](Index m, vec sum, Index column, Index lanes) {
    float* to = c[m] + column;
    store(to, add ? load(to, lanes) + sum : sum, lanes);
  });
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
