// Weights as int8, a scale for each row of a matrix, multiplied by vectors of 16-bit integers, a scale for each vector.
// The sums are integers, exact, whatever the instruction set; a block of 512 products cannot overflow one.
//
// With VNNI, panels are [k ÷ 4][vector][lane][k mod 4]: a lane's four bytes are one column's weights of four k. Without
// it, weights are widened to 16 bits once and for all, [k ÷ 4][0 and 2, then 1 and 3][vector][lane][two]: widening them
// at every step takes longer than reading them.
#pragma once

#include "packing.h"

namespace ostinato::OSTINATO_ISA {
namespace {

typedef std::int16_t shorts_of_vec __attribute__((vector_size(L * 2)));

constexpr Index int8_block = 512 / 4;  // fours of k
constexpr float most_int16 = 32767.0f;

// Four numbers of a vector as the machine multiplies them with a lane. With VNNI, which multiplies bytes of which one
// is unsigned: the upper bytes of all four, raised by 128, and the lower ones. Otherwise: numbers 0 and 2, then 1
// and 3.
struct Four {
  std::uint32_t first;
  std::uint32_t second;
};

inline Four four(std::uint64_t numbers, bool vnni) {
  if (!vnni)
    return {static_cast<std::uint32_t>((numbers & 0xffffu) | (numbers >> 16 & 0xffff0000u)),
            static_cast<std::uint32_t>((numbers >> 16 & 0xffffu) | (numbers >> 32 & 0xffff0000u))};
  const auto every_second_byte = [](std::uint64_t b) {
    b &= 0x00ff00ff00ff00ffu;
    b = (b | b >> 8) & 0x0000ffff0000ffffu;
    return static_cast<std::uint32_t>(b | b >> 16);
  };
  numbers ^= 0x8000800080008000u;
  return {every_second_byte(numbers >> 8), every_second_byte(numbers)};
}

inline Index fours(Index K) { return ceil_div(K, 4); }

// K numbers as integers of 16 bits, times the scale that is returned: NaN if one of them is not finite. rounded: room
// for K numbers and a vector.
inline float quantise(const float* x, Index K, Four* to, std::int16_t* rounded, bool vnni) {
  vec most{}, poison{};
  for (Index k = 0; k < K; k += L) {
    const vec v = load(x + k, smaller(L, K - k));
    most = at_least(most, magnitude(v));
    poison = poison + v * 0.0f;
  }
  float largest = 0.0f, nothing = 0.0f;
  for (int l = 0; l < L; ++l) {
    if (most[l] > largest) largest = most[l];
    nothing += poison[l];
  }
  const float inverse = largest > 1e-30f ? most_int16 / largest : 0.0f;
  for (Index k = 0; k < K; k += L) {
    // Adding 1.5·2^23 rounds to a whole number, and leaves it in the low bits.
    const vec shifted = load(x + k, smaller(L, K - k)) * inverse + shift;
    const shorts_of_vec low = __builtin_convertvector(reinterpret_cast<ints>(shifted), shorts_of_vec);
    std::memcpy(rounded + k, &low, sizeof low);
  }
  for (Index q = 0; q < fours(K); ++q) {
    std::uint64_t numbers;
    std::memcpy(&numbers, rounded + 4 * q, sizeof numbers);
    to[q] = four(numbers, vnni);
  }
  return largest / most_int16 + nothing;
}

// sum + the products of a lane's weights 0 and 2, or 1 and 3, as two int16, with two numbers.
inline ints add_pairs(ints sum, ints weights, ints numbers) {
#if defined(__AVX512F__)
  return sum + reinterpret_cast<ints>(
                   _mm512_madd_epi16(reinterpret_cast<__m512i>(weights), reinterpret_cast<__m512i>(numbers)));
#elif defined(__AVX2__)
  return sum + reinterpret_cast<ints>(
                   _mm256_madd_epi16(reinterpret_cast<__m256i>(weights), reinterpret_cast<__m256i>(numbers)));
#elif defined(__x86_64__)
  return sum +
         reinterpret_cast<ints>(_mm_madd_epi16(reinterpret_cast<__m128i>(weights), reinterpret_cast<__m128i>(numbers)));
#else
  return sum + ((weights << 16) >> 16) * ((numbers << 16) >> 16) + (weights >> 16) * (numbers >> 16);
#endif
}

inline ints all_lanes(std::uint32_t value) { return ints{} + static_cast<std::int32_t>(value); }

struct Int8TileArguments {
  const Four* const* a;  // the rows
  Index first, count;    // fours of k
  const float* panel;
  const std::int32_t* columns;  // Σ of each column's weights in this block
};

// out[r] = Σ_k a[r][k]·panel[k], R rows of V vectors.
template <int R, int V>
void int8_tile(const Int8TileArguments& t, ints (*out)[max_vectors]) {
  ints sum[R][V] = {};
  const float* panel = t.panel;
  for (Index q = t.first; q < t.first + t.count; ++q, panel += 2 * V * L) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const ints even = reinterpret_cast<ints>(load(panel + v * L));
      const ints odd = reinterpret_cast<ints>(load(panel + (V + v) * L));
#pragma GCC unroll 3
      for (int r = 0; r < R; ++r) {
        sum[r][v] = add_pairs(sum[r][v], even, all_lanes(t.a[r][q].first));
        sum[r][v] = add_pairs(sum[r][v], odd, all_lanes(t.a[r][q].second));
      }
    }
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) out[r][v] = sum[r][v];
}

#if defined(__AVX512F__)
// The same with VNNI. Σ (256·(u + high) + low)·w with u = 128 too many: taken off again, 2^15·Σ w.
template <int R, int V>
__attribute__((target("avx512vnni"))) void int8_tile_vnni(const Int8TileArguments& t, ints (*out)[max_vectors]) {
  __m512i high[R][V], low[R][V];
#pragma GCC unroll 3
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      high[r][v] = _mm512_setzero_si512();
      low[r][v] = _mm512_setzero_si512();
    }
  const float* panel = t.panel;
  for (Index q = t.first; q < t.first + t.count; ++q, panel += V * L) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const __m512i w = _mm512_loadu_si512(panel + v * L);
#pragma GCC unroll 3
      for (int r = 0; r < R; ++r) {
        high[r][v] = _mm512_dpbusd_epi32(high[r][v], _mm512_set1_epi32(static_cast<int>(t.a[r][q].first)), w);
        low[r][v] = _mm512_dpbusd_epi32(low[r][v], _mm512_set1_epi32(static_cast<int>(t.a[r][q].second)), w);
      }
    }
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) {
      ints columns;
      std::memcpy(&columns, t.columns + v * L, sizeof columns);
      out[r][v] = (reinterpret_cast<ints>(high[r][v]) << 8) + reinterpret_cast<ints>(low[r][v]) - (columns << 15);
    }
}

inline bool has_vnni() { return __builtin_cpu_supports("avx512vnni") != 0; }
#else
inline bool has_vnni() { return false; }
#endif

using Int8Tile = void (*)(const Int8TileArguments&, ints (*)[max_vectors]);
constexpr int int8_rows = 3;
constexpr Int8Tile int8_tiles[int8_rows][max_vectors] = {
    {int8_tile<1, 1>, int8_tile<1, 2>, int8_tile<1, 3>, int8_tile<1, 4>},
    {int8_tile<2, 1>, int8_tile<2, 2>, int8_tile<2, 3>, int8_tile<2, 4>},
    {int8_tile<3, 1>, int8_tile<3, 2>, int8_tile<3, 3>, int8_tile<3, 4>}};
#if defined(__AVX512F__)
constexpr Int8Tile int8_tiles_vnni[int8_rows][max_vectors] = {
    {int8_tile_vnni<1, 1>, int8_tile_vnni<1, 2>, int8_tile_vnni<1, 3>, int8_tile_vnni<1, 4>},
    {int8_tile_vnni<2, 1>, int8_tile_vnni<2, 2>, int8_tile_vnni<2, 3>, int8_tile_vnni<2, 4>},
    {int8_tile_vnni<3, 1>, int8_tile_vnni<3, 2>, int8_tile_vnni<3, 3>, int8_tile_vnni<3, 4>}};
inline Int8Tile int8_tile_of(int R, int V, bool vnni) { return (vnni ? int8_tiles_vnni : int8_tiles)[R - 1][V - 1]; }
#else
inline Int8Tile int8_tile_of(int R, int V, bool) { return int8_tiles[R - 1][V - 1]; }
#endif

// A matrix of gates, and the scale of each of its columns.
struct Int8Panels {
  Panels panels;          // of vectors of weights: one row of it for four k with VNNI, two without
  Index count;            // fours of k
  float* scale;           // (N)
  std::int32_t* columns;  // (blocks, N): Σ of a column's weights in each block

  static Int8Panels of(Arena& arena, Index K, Index N, int width) {
    const Index rows = fours(K) * (has_vnni() ? 1 : 2);
    return {{arena.take<float>(rows * N), rows, N, width},
            fours(K),
            arena.take<float>(N),
            arena.take<std::int32_t>(ceil_div(fours(K), int8_block) * N)};
  }

  // The row of the panels in which the weights of four k begin.
  Index row(Index four) const { return four * (panels.K / count); }

  // Weights that are whole numbers from −127 to 127, in panels of floats with all K rows.
  template <class Scale>
  void pack(const Panels& from, Scale scale_of) const {
    const Index N = panels.N;
    for (Index j = 0; j < N; ++j) scale[j] = scale_of(j);
    std::memset(columns, 0, ceil_div(count, int8_block) * N * sizeof(std::int32_t));
    for (Index p = 0; p < from.count(); ++p) {
      const Index wide = from.vectors(p) * L;
      for (Index k = 0; k < 4 * count; ++k)
        for (Index j = 0; j < wide; ++j) {
          const int weight = k < from.K ? static_cast<int>(from.at(p, k)[j]) : 0;
          put(panels.at(p, row(k / 4)), wide, j, k % 4, weight);
          columns[k / 4 / int8_block * N + p * from.step() + j] += weight;
        }
    }
  }

  // out[r] = start + (the product of row r with panel p)·scales; start null: 0. R rows of V vectors.
  void product(const Four* const* a, const float* scales, int R, Index p, bool vnni, const float* start,
               float (*out)[max_vectors * L]) const {
    const int V = panels.vectors(p);
    const Index first = p * panels.step();
    const Int8Tile tile = int8_tile_of(R, V, vnni);
    vec total[int8_rows][max_vectors] = {};
    for (Index q = 0; q < count; q += int8_block) {
      ints sum[int8_rows][max_vectors];
      const Index n = smaller(int8_block, count - q);
      tile({a, q, n, panels.at(p, row(q)), columns + q / int8_block * panels.N + first}, sum);
      for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) total[r][v] = total[r][v] + __builtin_convertvector(sum[r][v], vec);
    }
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < V; ++v) {
        const vec from = start == nullptr ? vec{} : load(start + v * L);
        store(out[r] + v * L, fma(total[r][v], load(scale + first + v * L) * all(scales[r]), from));
      }
  }

 private:
  // Weight i of the four of column j, of which `to` has `wide`.
  void put(float* to, Index wide, Index j, Index i, int weight) const {
    if (panels.K == count) {
      reinterpret_cast<std::int8_t*>(to)[4 * j + i] = static_cast<std::int8_t>(weight);
    } else {
      reinterpret_cast<std::int16_t*>(to)[2 * (i % 2 * wide + j) + i / 2] = static_cast<std::int16_t>(weight);
    }
  }
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
