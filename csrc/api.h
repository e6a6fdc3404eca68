// The table of kernels: what a layer's arithmetic is given, and what it leaves behind.
//
// Letters: T steps, B rows, I inputs, H hidden units, G gates, R outputs of a step (H, or the size of the LSTM's
// projection), D directions. Every array is float32. Equations, gate order (i f g o; r z n) and parameter layout
// are PyTorch's.
//
// Nothing here may alias, except where a line says so. Whoever calls owns every array; a kernel keeps no pointer.
// An array is dense and row-major unless it is a `Sequence`. Alignment is whatever float needs.
//
// This header is shared by translation units compiled for different instruction sets: plain structs and
// declarations only, no function bodies, no standard library types that bring code of their own.
#pragma once

#include <cstdint>

namespace ostinato {

using Index = std::int64_t;

constexpr int most_threads = 256;  // more are not made use of

enum class Kind : int { rnn_tanh = 0, rnn_relu = 1, lstm = 2, gru = 3 };

// How a step holds the two large matrices; biases and projections are float32 always.
enum class Precision : int { float32 = 0, bfloat16 = 1, int8 = 2 };

// Who takes part when. Rows are ranked from the longest to the shortest, so that the rows of a step are a prefix
// of the ranks. A *slot* is one real step of one row: slot[t] + rank. Padding has no slot.
struct Plan {
  Index steps;          // T', the longest row's length: steps no row reaches are not here
  Index rows;           // B, rows of length 0 included
  const Index* active;  // (T') rows in step t, never growing, at least 1
  const Index* slot;    // (T' + 1) slots before step t; the last one is N, the number of slots
  const Index* order;   // (B) the row that has each rank
};

// A sequence of vectors, wherever they lie: that of step t and rank r begins at data + step[t] + row[r], and is
// contiguous. (T, B, ·), (B, T, ·), packed and one direction's half of a bidirectional output are all of this form.
struct Sequence {
  float* data;
  const Index* step;  // (T')
  const Index* row;   // (B), by rank
};

struct ConstSequence {
  const float* data;
  const Index* step;
  const Index* row;
};

// The input as tokens. The projection of each token in use is computed once, and gathered.
struct Tokens {
  const Index* of;    // (N) for each slot, an index into `used`; null: the input is vectors
  const Index* used;  // (count) the tokens that occur, each once
  Index count;
  const float* embedding;  // (V, I), its rows are the inputs; null: one-hot, and I = V
};

struct Weights {
  const float* w_ih;  // (G·H, I)
  const float* w_hh;  // (G·H, R)
  const float* b_ih;  // (G·H) or null
  const float* b_hh;  // (G·H) or null, together with b_ih
  const float* w_hr;  // (R, H) or null
};

// What whole numbers from −127 to 127, which int8 weights are, are multiplied with: a scale for each row.
struct Scales {
  const float* w_ih;  // (G·H)
  const float* w_hh;  // (G·H)
};

// Gradients of Weights; null: not wanted. A one-hot input's w_ih has its unused columns set to zero too.
struct WeightGradients {
  float* w_ih;
  float* w_hh;
  float* b_ih;
  float* b_hh;
  float* w_hr;
};

// What training keeps of the forward pass for the backward one, by slot. All null in inference; and an array is
// null where the cell has no use for it.
struct Kept {
  float* gates;  // (N, 4·H): i f g o of an LSTM; r z n q of a GRU, q = W_hn h + b_hn; a simple RNN: null
  float* c;      // (N, H): LSTM
  float* m;      // (N, H): o⊙tanh(c), of an LSTM with a projection
};

struct Layer {
  Kind kind;
  Index inputs;   // I
  Index hidden;   // H
  Index outputs;  // R
  Plan plan;
  ConstSequence x;  // rows of I; its data is null where the input is tokens
  Tokens tokens;
  int directions;  // D: 1 or 2
  int threads;     // 1 to most_threads
};

struct ForwardDirection {
  bool reverse;  // from each row's last real step to its first
  Weights weights;
  const float* h0;  // (B, R), by row
  const float* c0;  // (B, H), by row; LSTM
  Sequence y;       // out: rows of R; only real steps are written
  float* hn;        // out: (B, R), by row
  float* cn;        // out: (B, H), by row; LSTM
  Kept kept;        // out, or nulls
};

struct BackwardDirection {
  bool reverse;
  Weights weights;
  const float* h0;
  const float* c0;
  ConstSequence y;  // as the forward pass left it
  Kept kept;        // as the forward pass left it; only read
  ConstSequence dy;
  const float* dhn;  // (B, R), by row
  const float* dcn;  // (B, H), by row; LSTM
  float* dh0;        // out: (B, R), by row
  float* dc0;        // out: (B, H), by row; LSTM
  WeightGradients gradients;
};

// One instruction set's kernels.
struct Kernels {
  const char* name;

  // One layer over a batch of sequences. Directions and batch slices share the threads. Returns false, having
  // computed nothing, if memory for scratch cannot be had.
  bool (*forward)(const Layer&, const ForwardDirection*);

  // Its gradients; their last bits depend on the number of threads. dx: only real steps are written; data null: not
  // wanted. dembedding: (V, I), the rows of unused tokens set to zero too; null: not wanted, or the input is not
  // embedded tokens. `vocabulary` is V.
  bool (*backward)(const Layer&, const BackwardDirection*, Sequence dx, float* dembedding, Index vocabulary);

  // Weights once packed serve any number of calls. Floats needed, and the packing itself. Of bfloat16, the weights are
  // rounded already; of int8, they are whole numbers and have scales. scratch: as large as the packed float32.
  Index (*packed_size)(Kind, Precision, Index inputs, Index hidden, Index outputs);
  void (*pack)(Kind, Precision, Index inputs, Index hidden, Index outputs, const Weights&, const Scales&, float* packed,
               float* scratch);

  // One time step of `rows` rows of one layer and direction, on the calling thread; the same bits as `forward`, of
  // bfloat16 as that of the rounded weights. Row r of x begins at x + r·x_stride. h (rows, R) and c (rows, H) may be
  // the same arrays as h_out and c_out. backwards: from the last of the packed weights to the first. Who changes the
  // direction with every step finds the end of weights that are larger than a cache still in there. scratch:
  // `step_scratch` floats. Allocates nothing.
  Index (*step_scratch)(Precision, Index rows, Index inputs, Index hidden, Index outputs);
  void (*step)(Kind, Precision, Index inputs, Index hidden, Index outputs, const float* packed, Index rows,
               const float* x, Index x_stride, const float* h, const float* c, float* h_out, float* c_out,
               bool backwards, float* scratch);

  // The elementary functions, for tests. in and out may be the same.
  void (*tanh)(const float* in, float* out, Index n);
  void (*sigmoid)(const float* in, float* out, Index n);

  // Floating-point operations of a loop of independent multiply-adds in registers, nothing else: the machine's peak.
  Index (*multiply_adds)(Index rounds);
};

// One per instruction set, in kernels_<name>.o; which ones are built depends on the machine compiled for.
extern const Kernels kernels_baseline;
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
extern const Kernels kernels_amx;
extern const Kernels kernels_neon;

// Services the kernels call; compiled for the baseline, in threads.cpp and scratch.cpp.

// Runs task(context, k) for every k in [0, tasks), on at most `threads` threads, and returns when all are done.
// A task must not throw.
void parallel(int threads, Index tasks, void (*task)(void* context, Index k), void* context);

// Aligned to 64 bytes, not initialised; null if there is no memory. Freed memory may be kept for the next call.
// lasting: it will be read again and again before it is freed.
float* allocate(Index floats, bool lasting = false);
void release(float* memory);

// How often `allocate` has been called in this process.
Index allocations();

}  // namespace ostinato
