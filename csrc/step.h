// One time step of a few rows, for those who cannot wait for a sequence. The same bits as the forward pass.
#pragma once

#include "forward.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// One step of `rows` rows from packed weights, in memory of the caller's.
struct StepMemory {
  float* a;
  float* y;  // the new h, which may not replace the old one before every panel has read it
  float* m;

  template <class Cell>
  static StepMemory of(Arena& arena, Index rows, Index H, Index R) {
    return {arena.take<float>(rows * gate_columns<Cell>(H)), arena.take<float>(rows * R),
            arena.take<float>(R == H ? 0 : rows * H)};
  }
};

template <class Cell>
void step(Index I, Index H, Index R, const float* packed, Index rows, const float* x, Index x_stride, const float* h,
          const float* c, float* h_out, float* c_out, float* scratch) {
  const Packed w = view<Cell>(const_cast<float*>(packed), I, H, R);
  Arena arena(scratch);
  const StepMemory memory = StepMemory::of<Cell>(arena, rows, H, R);
  const bool projection = R != H;
  for (Index first = 0; first < rows; first += max_rows) {
    const Index n = smaller(max_rows, rows - first);
    ForwardRow row[max_rows];
    const float *x_rows[max_rows], *h_rows[max_rows], *m_rows[max_rows];
    float *a_rows[max_rows], *y_rows[max_rows];
    for (Index i = 0; i < n; ++i) {
      const Index r = first + i;
      x_rows[i] = x + r * x_stride;
      h_rows[i] = h + r * R;
      a_rows[i] = memory.a + r * w.ih.N;
      y_rows[i] = memory.y + r * R;
      float* before_projection = projection ? memory.m + r * H : y_rows[i];
      m_rows[i] = before_projection;
      row[i] = {a_rows[i],
                h_rows[i],
                Cell::has_c ? c + r * H : nullptr,
                before_projection,
                Cell::has_c ? c_out + r * H : nullptr,
                nullptr};
    }
    project_input(w, x_rows, n, a_rows);
    recur<Cell>(w, H, row, h_rows, n);
    if (projection) multiply(m_rows, n, w.hr, y_rows, false);
  }
  std::memcpy(h_out, memory.y, rows * R * sizeof(float));
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
