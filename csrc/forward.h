// The forward pass of one layer: what depends on the input alone is multiplied for some steps at once, then each step
// adds W_hh h and goes through its cell while the product is still in the first-level cache.
//
// Every thread owns a slice of the rows for the whole sequence and waits for nobody in between.
#pragma once

#include "packing.h"
#include "sharing.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// One step of `n` rows: W_hh h in tiles, each followed by its cell. h: the rows' h, as pointers.
template <class Cell>
void recur(const Packed& w, Index H, const ForwardRow* rows, const float* const* h, Index n) {
  alignas(64) float s[max_rows][max_vectors * L];
  float* tiles[max_rows];
  for (int r = 0; r < max_rows; ++r) tiles[r] = s[r];
  for (Index p = 0; p < w.hh.count(); ++p) {
    const int V = w.hh.vectors(p);
    const Index a = p * w.hh.step(), u = a / Cell::gates, units = smaller(V * L / Cell::gates, H - u);
    Index tile = 0;
    for (Index m = 0; m < n; ++tile) {
      const int R = next_tile(n - m, tile_rows(V));
      const float* next = ahead(w.hh, p, 0, w.hh.K, tile);
      run_tile<RowsAt>(R, V, {h + m, 0, w.hh.K, w.hh.at(p, 0), next, false, tiles, 0});
      for (int r = 0; r < R; ++r) Cell::forward(rows[m + r], rows[m + r].a + a, s[r], w.b_hn, u, units, H);
      m += R;
    }
  }
}

constexpr Index token_block = 48;  // tokens projected at a time

// The projections of `count` tokens in use from the first-th on, a row of the table each. One-hot input picks columns
// of W_ih: b + W_ih e_k.
template <class Cell>
void project_tokens(const Layer& l, const Weights& weights, const Packed& w, Index first, Index count, float* table) {
  const Index N = w.ih.N;
  const Index* used = l.tokens.used + first;
  if (l.tokens.embedding != nullptr) {
    const float* x[token_block];
    float* a[token_block];
    for (Index m = 0; m < count; ++m) {
      x[m] = l.tokens.embedding + used[m] * l.inputs;
      a[m] = table + (first + m) * N;
    }
    return affine(x, count, w.ih, w.bias, a);
  }
  for (Index j = 0; j < N; ++j) {
    const auto [gate, unit] = gate_column<Cell>(j);
    const float* column = unit < l.hidden ? weights.w_ih + (gate * l.hidden + unit) * l.inputs : nullptr;
    for (Index m = 0; m < count; ++m) table[(first + m) * N + j] = column ? w.bias[j] + column[used[m]] : 0.0f;
  }
}

// Steps projected at once, in rows: enough of them to be worth reading W_ih for, which may be larger than the cache;
// few enough to stay in the second-level one.
inline Index chunk_rows(Index rows_per_step, Index columns) {
  return larger(rows_per_step, smaller(256, larger(64, 65536 / columns)));
}

// The memory of one slice.
struct ForwardScratch {
  ForwardRow* rows;
  const float** h;
  const float** m;    // of a projection: what goes in,
  float** projected;  // and where it comes out
  const float** x;
  float** a;
  float* a_data;
  float* m_data;
};

template <class Cell>
ForwardScratch forward_scratch(Arena& arena, const Layer& l, Index rows, bool projection) {
  const Index N = gate_columns<Cell>(l.hidden), chunk = chunk_rows(rows, N);
  const bool vectors = l.tokens.of == nullptr;
  return {arena.take<ForwardRow>(rows),
          arena.take<const float*>(rows),
          arena.take<const float*>(projection ? rows : 0),
          arena.take<float*>(projection ? rows : 0),
          arena.take<const float*>(vectors ? chunk : 0),
          arena.take<float*>(vectors ? chunk : 0),
          arena.take<float>(vectors ? chunk * N : 0),
          arena.take<float>(projection ? rows * l.hidden : 0)};
}

// One direction over the rows of one slice.
template <class Cell>
class ForwardSlice {
 public:
  ForwardSlice(const Layer& l, const ForwardDirection& d, const Packed& w, const float* table, Slice slice,
               const ForwardScratch& scratch)
      : l_(l), d_(d), w_(w), table_(table), slice_(slice), walk_{&l.plan, d.reverse}, s_(scratch) {}

  void run() {
    for (Index i = 0; i < slice_.count; ++i) {
      const Index row = l_.plan.order[slice_.rank(i)];
      s_.h[i] = d_.h0 + row * l_.outputs;
      s_.rows[i].c = Cell::has_c ? d_.c0 + row * l_.hidden : nullptr;
    }
    for (Index position = 0; position < l_.plan.steps;) position = run_chunk(position);
    for (Index i = 0; i < slice_.count; ++i) {
      const Index row = l_.plan.order[slice_.rank(i)];
      std::memcpy(d_.hn + row * l_.outputs, s_.h[i], l_.outputs * sizeof(float));
      float* cn = Cell::has_c ? d_.cn + row * l_.hidden : nullptr;
      if (Cell::has_c && s_.rows[i].c != cn) std::memcpy(cn, s_.rows[i].c, l_.hidden * sizeof(float));
    }
  }

 private:
  Index rows_at(Index position) const { return slice_.among(walk_.active(position)); }

  // Projects the inputs of as many steps as fit, takes them, and returns the position after them.
  Index run_chunk(Index first) {
    const Index most = chunk_rows(slice_.count, w_.ih.N);
    Index end = first, rows = 0;
    for (; end < l_.plan.steps && rows + rows_at(end) <= most; ++end) {
      for (Index i = 0; table_ == nullptr && i < rows_at(end); ++i) {
        s_.x[rows + i] = at(l_.x, walk_.time(end), slice_.rank(i));
        s_.a[rows + i] = s_.a_data + (rows + i) * w_.ih.N;
      }
      rows += rows_at(end);
    }
    if (table_ == nullptr) affine(s_.x, rows, w_.ih, w_.bias, s_.a);
    rows = 0;
    for (Index position = first; position < end; rows += rows_at(position), ++position) step(position, rows);
    return end;
  }

  // One time step; `rows` of the chunk come before it.
  void step(Index position, Index rows) {
    const Index t = walk_.time(position), n = rows_at(position), H = l_.hidden;
    const bool projection = d_.weights.w_hr != nullptr;
    for (Index i = 0; i < n; ++i) {
      ForwardRow& row = s_.rows[i];
      const Index rank = slice_.rank(i), slot = walk_.slot(position, rank);
      float* y = at(d_.y, t, rank);
      row.a = table_ == nullptr ? s_.a[rows + i] : table_ + l_.tokens.of[slot] * w_.ih.N;
      row.h = s_.h[i];
      row.h_out = y;
      row.gates = d_.kept.gates == nullptr ? nullptr : d_.kept.gates + slot * Cell::kept_gates * H;
      if (Cell::has_c) row.c_out = d_.kept.c == nullptr ? d_.cn + l_.plan.order[rank] * H : d_.kept.c + slot * H;
      if (projection) {
        row.h_out = d_.kept.m == nullptr ? s_.m_data + i * H : d_.kept.m + slot * H;
        s_.m[i] = row.h_out;
        s_.projected[i] = y;
      }
    }
    recur<Cell>(w_, H, s_.rows, s_.h, n);
    if (projection) multiply(s_.m, n, w_.hr, s_.projected, false);
    for (Index i = 0; i < n; ++i) {
      s_.h[i] = projection ? s_.projected[i] : s_.rows[i].h_out;
      if (Cell::has_c) s_.rows[i].c = s_.rows[i].c_out;
    }
  }

  const Layer& l_;
  const ForwardDirection& d_;
  const Packed& w_;
  const float* table_;
  Slice slice_;
  Walk walk_;
  ForwardScratch s_;
};

// The memory of a whole forward pass.
template <class Cell>
struct ForwardMemory {
  Packed packed[2];
  float* table[2];
  ForwardScratch slices[2][most_threads];

  ForwardMemory(Arena& arena, const Layer& l, const ForwardDirection* d, Index slice_number) {
    const bool tokens = l.tokens.of != nullptr, one_hot = tokens && l.tokens.embedding == nullptr;
    const Index size = view<Cell>(nullptr, l.inputs, l.hidden, l.outputs, !one_hot).floats;
    for (int k = 0; k < l.directions; ++k) {
      const bool projection = d[k].weights.w_hr != nullptr;
      packed[k] = view<Cell>(arena.take<float>(size), l.inputs, l.hidden, l.outputs, !one_hot);
      table[k] = tokens ? arena.take<float>(l.tokens.count * packed[k].ih.N) : nullptr;
      for (Index s = 0; s < slice_number; ++s)
        slices[k][s] =
            forward_scratch<Cell>(arena, l, slice_of(l.plan, l.plan.rows, s, slice_number).count, projection);
    }
  }
};

template <class Cell>
bool forward(const Layer& l, const ForwardDirection* d) {
  const int threads = useful_threads(l, Cell::gates);
  const Index slice_number = slice_count(l, threads);
  Arena dry(nullptr);
  ForwardMemory<Cell>(dry, l, d, slice_number);
  float* memory = allocate(dry.used());
  if (memory == nullptr) return false;
  Arena arena(memory);
  const ForwardMemory<Cell> m(arena, l, d, slice_number);

  const auto packing = [&](int k) { return Packing<Cell>(d[k].weights, l.hidden, m.packed[k]); };
  const Index pieces = packing(0).pieces();
  in_parallel(threads, pieces * l.directions,
              [&](Index task) { packing(static_cast<int>(task / pieces)).piece(task % pieces); });
  if (l.tokens.of != nullptr) {
    const Index blocks = ceil_div(l.tokens.count, token_block);
    in_parallel(threads, blocks * l.directions, [&](Index task) {
      const int k = static_cast<int>(task / blocks);
      const Index first = task % blocks * token_block, count = smaller(token_block, l.tokens.count - first);
      project_tokens<Cell>(l, d[k].weights, m.packed[k], first, count, m.table[k]);
    });
  }
  in_parallel(threads, slice_number * l.directions, [&](Index task) {
    const int k = static_cast<int>(task / slice_number);
    const Index s = task % slice_number;
    const Slice slice = slice_of(l.plan, l.plan.rows, s, slice_number);
    ForwardSlice<Cell>(l, d[k], m.packed[k], m.table[k], slice, m.slices[k][s]).run();
  });
  release(memory);
  return true;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
