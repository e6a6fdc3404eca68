// The kernels of one instruction set: this file is compiled once for each, with OSTINATO_ISA its name.
//
// Everything but the table at the end is local to the object file: nothing compiled for a newer processor can be linked
// into code that runs on an older one.
#include "api.h"

#include "backward.h"
#include "forward.h"
#include "gru.h"
#include "lstm.h"
#include "rnn.h"
#include "step.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// call(Cell) with the cell of a kind.
template <class Call>
auto with_cell(Kind kind, Call call) {
  switch (kind) {
    case Kind::rnn_tanh:
      return call(Rnn<Tanh>{});
    case Kind::rnn_relu:
      return call(Rnn<Relu>{});
    case Kind::lstm:
      return call(Lstm{});
    default:
      return call(Gru{});
  }
}

bool any_forward(const Layer& l, const ForwardDirection* d) {
  return with_cell(l.kind, [&](auto cell) { return forward<decltype(cell)>(l, d); });
}

bool any_backward(const Layer& l, const BackwardDirection* d, Sequence dx, float* dembedding, Index vocabulary) {
  return with_cell(l.kind, [&](auto cell) { return backward<decltype(cell)>(l, d, dx, dembedding, vocabulary); });
}

Index packed_size(Kind kind, Precision precision, Index I, Index H, Index R) {
  return with_cell(kind, [&](auto cell) {
    using Cell = decltype(cell);
    return with_weights<Cell>(precision, nullptr, I, H, R, [](const auto& weights) { return weights.floats(); });
  });
}

void pack(Kind kind, Precision precision, Index I, Index H, Index R, const Weights& weights, const Scales& scales,
          float* packed, float* scratch) {
  with_cell(kind, [&](auto cell) {
    using Cell = decltype(cell);
    const Packed floats = view<Cell>(precision == Precision::float32 ? packed : scratch, I, H, R);
    const Packing<Cell> packing(weights, H, floats);
    for (Index k = 0; k < packing.pieces(); ++k) packing.piece(k);
    with_weights<Cell>(precision, packed, I, H, R, [&](const auto& to) { to.pack(floats, scales, H); });
  });
}

Index step_scratch(Precision precision, Index rows, Index I, Index H, Index R) {
  Arena dry(nullptr);
  StepMemory::of(dry, precision, rows, I, H, R);
  return dry.used();
}

void any_step(Kind kind, Precision precision, Index I, Index H, Index R, const float* packed, Index rows,
              const float* x, Index x_stride, const float* h, const float* c, float* h_out, float* c_out,
              bool backwards, float* scratch) {
  with_cell(kind, [&](auto cell) {
    using Cell = decltype(cell);
    with_weights<Cell>(precision, const_cast<float*>(packed), I, H, R, [&](const auto& weights) {
      step<Cell>(weights, precision, I, H, R, rows, x, x_stride, h, c, h_out, c_out, backwards, scratch);
    });
  });
}

void tanh_all(const float* in, float* out, Index n) {
  for (Index i = 0; i < n; i += L) store(out + i, tanh(load(in + i, smaller(L, n - i))), smaller(L, n - i));
}

void sigmoid_all(const float* in, float* out, Index n) {
  for (Index i = 0; i < n; i += L) store(out + i, sigmoid(load(in + i, smaller(L, n - i))), smaller(L, n - i));
}

// As many chains as a tile has sums.
Index multiply_adds(Index rounds) {
  constexpr int chains = tile_rows(max_vectors) * max_vectors;
  const vec x = all(0.5f), y = all(1.0f);
  vec sum[chains];
#pragma GCC unroll 32
  for (int i = 0; i < chains; ++i) sum[i] = all(static_cast<float>(i));
  for (Index k = 0; k < rounds; ++k) {
#pragma GCC unroll 32
    for (int i = 0; i < chains; ++i) sum[i] = fma(sum[i], x, y);
  }
  volatile float seen;
#pragma GCC unroll 32
  for (int i = 0; i < chains; ++i) seen = sum[i][0];
  static_cast<void>(seen);
  return rounds * chains * L * 2;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA

#define OSTINATO_TABLE_OF(isa) kernels_##isa
#define OSTINATO_TABLE(isa) OSTINATO_TABLE_OF(isa)
#define OSTINATO_NAME_OF(isa) #isa
#define OSTINATO_NAME(isa) OSTINATO_NAME_OF(isa)

namespace ostinato {

const Kernels OSTINATO_TABLE(OSTINATO_ISA) = {
    OSTINATO_NAME(OSTINATO_ISA), OSTINATO_ISA::any_forward,   OSTINATO_ISA::any_backward, OSTINATO_ISA::packed_size,
    OSTINATO_ISA::pack,          OSTINATO_ISA::step_scratch,  OSTINATO_ISA::any_step,     OSTINATO_ISA::tanh_all,
    OSTINATO_ISA::sigmoid_all,   OSTINATO_ISA::multiply_adds,
};

}  // namespace ostinato
