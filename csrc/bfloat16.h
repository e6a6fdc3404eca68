// Weights as bfloat16, the upper half of a float32: half of the memory to read. The sums are float32's, the same chains
// of multiply-adds as the forward pass makes of the rounded weights, bit for bit.
#pragma once

#include "packing.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// L numbers as float32. GCC makes of its own conversion several times as many instructions.
inline vec widened(const std::uint16_t* p) {
#if defined(__AVX512F__)
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return reinterpret_cast<vec>(reinterpret_cast<bits>(_mm512_maskz_cvtepu16_epi32(0xffff, halves)) << 16);
#elif defined(__AVX2__)
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return reinterpret_cast<vec>(reinterpret_cast<bits>(_mm256_cvtepu16_epi32(halves)) << 16);
#elif defined(__x86_64__)
  const __m128i halves = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return reinterpret_cast<vec>(_mm_unpacklo_epi16(_mm_setzero_si128(), halves));
#else
  typedef std::uint16_t halves __attribute__((vector_size(L * 2), aligned(2), may_alias));
  return reinterpret_cast<vec>(__builtin_convertvector(*reinterpret_cast<const halves*>(p), bits) << 16);
#endif
}

// out[r] = start + Σ_k a[r][k]·panel[k], for R rows of V vectors; start null: 0.
template <int R, int V>
void bfloat16_tile(const float* const* a, Index K, const std::uint16_t* panel, const float* start,
                   float (*out)[max_vectors * L]) {
  vec sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[r][v] = start == nullptr ? vec{} : load(start + v * L);
  for (Index k = 0; k < K; ++k, panel += V * L) {
    vec w[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) w[v] = widened(panel + v * L);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const vec x = all(a[r][k]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sum[r][v] = fma(x, w[v], sum[r][v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(out[r] + v * L, sum[r][v]);
}

using Bfloat16Tile = void (*)(const float* const*, Index, const std::uint16_t*, const float*,
                              float (*)[max_vectors * L]);
constexpr int bfloat16_rows = 3;  // such that all widths fit the registers
constexpr Bfloat16Tile bfloat16_tiles[bfloat16_rows][max_vectors] = {
    {bfloat16_tile<1, 1>, bfloat16_tile<1, 2>, bfloat16_tile<1, 3>, bfloat16_tile<1, 4>},
    {bfloat16_tile<2, 1>, bfloat16_tile<2, 2>, bfloat16_tile<2, 3>, bfloat16_tile<2, 4>},
    {bfloat16_tile<3, 1>, bfloat16_tile<3, 2>, bfloat16_tile<3, 3>, bfloat16_tile<3, 4>}};

// The matrices of gates, element by element as in panels of floats.
struct Bfloat16Panels {
  std::uint16_t* data;
  Index K;
  Index N;

  static Bfloat16Panels of(Arena& arena, Index K, Index N, int) { return {arena.take<std::uint16_t>(K * N), K, N}; }

  // Weights that have been rounded. They need no scale.
  template <class Scale>
  void pack(const Panels& from, Scale) const {
    for (Index i = 0; i < K * N; ++i) {
      std::uint32_t number;
      std::memcpy(&number, from.data + i, sizeof number);
      data[i] = static_cast<std::uint16_t>(number >> 16);
    }
  }
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
