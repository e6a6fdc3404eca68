// One vector type for every instruction set, on GCC's and Clang's vector extensions, and the elementary functions.
//
// Included by kernels.cpp alone, inside the namespace of its instruction set. Multiply-adds are written out, not
// left to the compiler's choice: a row's result must not depend on which of two loops happened to contract.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ostinato::OSTINATO_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int L = 16;  // lanes
constexpr int registers = 32;
#elif defined(__AVX2__)
constexpr int L = 8;
constexpr int registers = 16;
#elif defined(__aarch64__)
constexpr int L = 4;
constexpr int registers = 32;
#else
constexpr int L = 4;
constexpr int registers = 16;
#endif

typedef float vec __attribute__((vector_size(L * 4)));
typedef std::uint32_t bits __attribute__((vector_size(L * 4)));
typedef std::int32_t ints __attribute__((vector_size(L * 4)));
typedef float unaligned __attribute__((vector_size(L * 4), aligned(4), may_alias));

inline vec load(const float* p) { return *reinterpret_cast<const unaligned*>(p); }
inline void store(float* p, vec v) { *reinterpret_cast<unaligned*>(p) = v; }

// Every lane the same. Not vec{} + value, which is an addition: −0 + 0 is another number than −0.
inline vec all(float value) {
#if defined(__AVX512F__)
  return _mm512_set1_ps(value);
#elif defined(__AVX2__)
  return _mm256_set1_ps(value);
#elif defined(__x86_64__)
  return _mm_set1_ps(value);
#elif defined(__aarch64__)
  return vdupq_n_f32(value);
#else
  return vec{} + value;
#endif
}

// The first n lanes, 0 < n <= L; the others are 0, and nothing beyond is touched.
inline vec load(const float* p, Index n) {
  if (n == L) return load(p);
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
#else
  vec v{};
  std::memcpy(&v, p, n * sizeof(float));
  return v;
#endif
}

inline void store(float* p, vec v, Index n) {
  if (n == L) return store(p, v);
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#else
  std::memcpy(p, &v, n * sizeof(float));
#endif
}

// a·b + c, rounded once where the machine can.
inline vec fma(vec a, vec b, vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

// x, but no less than the bound; a NaN stays one.
inline vec at_least(vec bound, vec x) { return x < bound ? bound : x; }

inline vec magnitude(vec x) { return reinterpret_cast<vec>(reinterpret_cast<bits>(x) & 0x7fffffffu); }

inline vec with_sign_of(vec x, vec positive) {
  return reinterpret_cast<vec>(reinterpret_cast<bits>(positive) | (reinterpret_cast<bits>(x) & 0x80000000u));
}

// Four floats, whatever the instruction set: the unit of transposition.
typedef float quad __attribute__((vector_size(16)));
typedef float unaligned_quad __attribute__((vector_size(16), aligned(4), may_alias));

#if defined(__clang__)
#define OSTINATO_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define OSTINATO_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, ints4{i, j, k, l})
typedef std::int32_t ints4 __attribute__((vector_size(16)));
#endif

// out[k·out_stride + r] = in[r·in_stride + k] for r and k from 0 to 3.
inline void transpose4(const float* in, Index in_stride, float* out, Index out_stride) {
  const auto row = [&](Index r) -> quad { return *reinterpret_cast<const unaligned_quad*>(in + r * in_stride); };
  const auto put = [&](Index k, quad q) { *reinterpret_cast<unaligned_quad*>(out + k * out_stride) = q; };
  const quad a = row(0), b = row(1), c = row(2), d = row(3);
  const quad ab_low = OSTINATO_SHUFFLE(a, b, 0, 4, 1, 5), ab_high = OSTINATO_SHUFFLE(a, b, 2, 6, 3, 7);
  const quad cd_low = OSTINATO_SHUFFLE(c, d, 0, 4, 1, 5), cd_high = OSTINATO_SHUFFLE(c, d, 2, 6, 3, 7);
  put(0, OSTINATO_SHUFFLE(ab_low, cd_low, 0, 1, 4, 5));
  put(1, OSTINATO_SHUFFLE(ab_low, cd_low, 2, 3, 6, 7));
  put(2, OSTINATO_SHUFFLE(ab_high, cd_high, 0, 1, 4, 5));
  put(3, OSTINATO_SHUFFLE(ab_high, cd_high, 2, 3, 6, 7));
}

#if defined(__AVX512F__)
// The transpose of 16 rows of 16. Masks of every lane: the plain ones make GCC 12 warn.
inline void transpose(vec* rows) {
  vec twos[L], fours[L];
  for (int i = 0; i < L; i += 2) {
    twos[i] = _mm512_maskz_unpacklo_ps(0xffff, rows[i], rows[i + 1]);
    twos[i + 1] = _mm512_maskz_unpackhi_ps(0xffff, rows[i], rows[i + 1]);
  }
  const auto doubles = [&](int i) { return reinterpret_cast<__m512d>(twos[i]); };
  for (int i = 0; i < L; i += 4) {
    for (int j = 0; j < 2; ++j) {
      fours[i + 2 * j] = reinterpret_cast<vec>(_mm512_maskz_unpacklo_pd(0xff, doubles(i + j), doubles(i + j + 2)));
      fours[i + 2 * j + 1] = reinterpret_cast<vec>(_mm512_maskz_unpackhi_pd(0xff, doubles(i + j), doubles(i + j + 2)));
    }
  }
  // The n-th quarter of fours[4g + c] is column 4n + c of rows 4g to 4g + 3.
  const auto even_quarters = [](vec a, vec b) -> vec { return _mm512_maskz_shuffle_f32x4(0xffff, a, b, 0x88); };
  const auto odd_quarters = [](vec a, vec b) -> vec { return _mm512_maskz_shuffle_f32x4(0xffff, a, b, 0xdd); };
  for (int c = 0; c < 4; ++c) {
    const vec even_above = even_quarters(fours[c], fours[c + 4]), odd_above = odd_quarters(fours[c], fours[c + 4]);
    const vec even_below = even_quarters(fours[c + 8], fours[c + 12]);
    const vec odd_below = odd_quarters(fours[c + 8], fours[c + 12]);
    rows[c] = even_quarters(even_above, even_below);
    rows[c + 4] = even_quarters(odd_above, odd_below);
    rows[c + 8] = odd_quarters(even_above, even_below);
    rows[c + 12] = odd_quarters(odd_above, odd_below);
  }
}
#endif

// x = n·ln 2 + r with |r| <= ln 2 / 2, for |x| < 2^20. `shifted` is n + 1.5·2^23, n in its low bits.
struct Reduced {
  vec shifted;
  vec r;
};

constexpr float shift = 12582912.0f;

inline Reduced reduce(vec x) {
  const vec shifted = fma(x, all(1.44269504f), all(shift));
  const vec n = shifted - shift;
  // ln 2 in two parts, the first with so few bits that n times it is exact without a fused multiply-add.
  const vec r = fma(n, all(-1.42860677e-6f), fma(n, all(-0.693145752f), x));
  return {shifted, r};
}

// 2^n, -126 <= n <= 127.
inline vec power_of_two(bits n) { return reinterpret_cast<vec>((n + 127u) << 23); }

// e^r − 1 for |r| <= ln 2 / 2, to the last bits also near 0.
inline vec expm1_reduced(vec r) {
  vec p = all(1.98412698e-4f);  // 1/7!
  p = fma(p, r, all(1.38888889e-3f));
  p = fma(p, r, all(8.33333333e-3f));
  p = fma(p, r, all(4.16666667e-2f));
  p = fma(p, r, all(1.66666667e-1f));
  p = fma(p, r, all(0.5f));
  return fma(p, r * r, r);
}

// p·2^n with n as `reduce` left it, -252 <= n <= 127, where the result may be subnormal.
inline vec scale(vec p, vec shifted) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(0xffff, p, shifted - all(shift));  // the plain one makes GCC 12 warn
#else
  // 2^n may be too small for float32 where the product is not: two factors.
  const bits n = reinterpret_cast<bits>(shifted) - reinterpret_cast<bits>(all(shift));
  const bits half = reinterpret_cast<bits>(reinterpret_cast<ints>(n) >> 1);
  return p * power_of_two(half) * power_of_two(n - half);
#endif
}

// σ(x) = 1 / (1 + e^-x), by way of e^-|x|, which cannot overflow.
inline vec sigmoid(vec x) {
  const Reduced y = reduce(at_least(all(-105.0f), -magnitude(x)));  // e^-105 is 0 in float32
  const vec e = scale(expm1_reduced(y.r) + 1.0f, y.shifted);
  return (x < all(0.0f) ? e : all(1.0f)) / (1.0f + e);
}

// tanh|x| = |m| / (2 + m) with m = e^(−2|x|) − 1, which keeps its digits near 0.
inline vec tanh(vec x) {
  const Reduced y = reduce(at_least(all(-40.0f), -2.0f * magnitude(x)));  // tanh 20 is 1 in float32
  // `shift` has no low bits that matter here: they leave by the top.
  const vec power = power_of_two(reinterpret_cast<bits>(y.shifted));
  const vec m = fma(power, expm1_reduced(y.r), power - 1.0f);
  return with_sign_of(x, magnitude(m) / (2.0f + m));
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
