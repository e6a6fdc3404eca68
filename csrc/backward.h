// Backpropagation through time (Werbos 1990) for one layer, in chunks of steps, each in two phases:
//
//   1. every slice of the rows walks back over the chunk, W_hhᵀ da and the cell by turns, and leaves da;
//   2. what remains is large matrix products over the chunk's slots: dW = daᵀ·[x | h before], dx = da·W_ih.
//
// A chunk is short enough for its da to be still in the cache in phase 2.
#pragma once

#include "forward.h"

namespace ostinato::OSTINATO_ISA {
namespace {

constexpr Index chunk_slots = 512;
constexpr Index row_block = 96;  // rows of a product that one thread makes at a time

// The gradient's rows, `da`: the cell's parts, and some padding, lest rows of a power of two share cache lines.
template <class Cell>
inline Index da_floats(Index H) {
  return ceil_div(Cell::parts * H, L) * L + L;
}

// One direction's share of a chunk: the positions [first, end) of its walk, and their slots, which are contiguous.
struct Chunk {
  Index first;
  Index end;
  Index first_slot;
  Index slots;
};

// The chunk that ends where the one after it begins.
inline Chunk chunk_before(const Walk& walk, Index end) {
  Index first = end, slots = 0;
  while (first > 0 && (slots == 0 || slots + walk.active(first - 1) <= chunk_slots)) slots += walk.active(--first);
  const Index earliest = smaller(walk.time(first), walk.time(end - 1));
  return {first, end, slots == 0 ? 0 : walk.plan->slot[earliest], slots};
}

inline Index largest_chunk(const Plan& plan) {
  return plan.steps == 0 ? 0 : larger(smaller(chunk_slots, slots(plan)), plan.active[0]);
}

// Rows that lie one after another.
struct Block {
  const float* data;
  Index stride;
  Index rows;
};

// Rows [first, first + count) of some columns' transpose, laid out for tiles: see Interleaved. sums: of each column.
inline void interleave(const Block& block, Index first, Index count, float* out, const float** tiles, float* sums) {
  constexpr int most = product_rows<Interleaved>(max_vectors);
  Index start[row_block], width[row_block], number = 0;
  for (Index m = 0; m < count; m += width[number++]) {
    start[number] = m;
    width[number] = next_tile(count - m, most);
    tiles[m] = out + m * block.rows;
  }
  std::memset(sums, 0, row_block * sizeof(float));
  for (Index k = 0; k < block.rows; ++k) {
    const float* from = block.data + k * block.stride + first;
    for (Index v = 0; v < count; v += L) {
      const Index n = smaller(L, count - v);
      store(sums + v, load(sums + v) + load(from + v, n));
    }
    for (Index i = 0; i < number; ++i) {
      float* to = const_cast<float*>(tiles[start[i]]) + k * width[i];
      if (width[i] == most) {
        std::memcpy(to, from + start[i], most * sizeof(float));
      } else {
        std::memcpy(to, from + start[i], width[i] * sizeof(float));
      }
    }
  }
}

// Where a product of a transpose goes: dW = daᵀ·B. data null: not wanted.
struct Target {
  Panels b;
  float* data;
  Index stride;
};

struct WorkerScratch {
  float* interleaved;
  const float** tiles;
  float** targets;
};

inline void add_product(const WorkerScratch& scratch, Index count, const Target& target, bool add) {
  if (target.data == nullptr) return;
  for (Index m = 0; m < count; ++m) scratch.targets[m] = target.data + m * target.stride;
  multiply<Interleaved>(scratch.tiles, count, target.b, scratch.targets, add);
}

inline void add_sums(const float* sums, Index count, float* target, bool add) {
  for (Index m = 0; target != nullptr && m < count; ++m) target[m] = add ? target[m] + sums[m] : sums[m];
}

// Rows of a matrix into plain panels, `block` at a time, so that threads may share the work.
constexpr Index pack_block = 64;

template <class RowAt>
void pack_block_of_rows(const Panels& panels, Index first, Index count, RowAt row_at) {
  const float* rows[pack_block];
  for (Index k = 0; k < count; ++k) rows[k] = row_at(first + k);
  for (Index p = 0; p < panels.count(); ++p)
    pack_rows(panels, p, rows, count, first, const_cast<float*>(panels.data));
}

inline Panels plain_panels(Arena& arena, bool wanted, Index K, Index N) {
  return {arena.take<float>(wanted ? panel_floats(K, N) : 0), wanted ? K : 0, N, max_vectors};
}

// One direction of the backward pass: its arguments, its memory, and the pieces of work that threads take from it.
template <class Cell>
class BackwardPass {
 public:
  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d, Index slice_number, bool input_gradient) {
    l_ = &l;
    d_ = &d;
    walk_ = {&l.plan, d.reverse};
    slice_number_ = slice_number;
    slice_rows_ = ceil_div(l.plan.rows, slice_number);
    end_ = l.plan.steps;
    const Index I = l.inputs, H = l.hidden, R = l.outputs, B = l.plan.rows, K = largest_chunk(l.plan);
    const WeightGradients& g = d.gradients;
    projection_ = d.weights.w_hr != nullptr;
    tokens_ = l.tokens.of != nullptr;
    hh_ = plain_panels(arena, true, Cell::gates * H, R);
    hr_ = plain_panels(arena, projection_, R, H);
    ih_ = plain_panels(arena, input_gradient, Cell::gates * H, I);
    da_[0] = arena.take<float>(K * da_floats<Cell>(H));
    da_[1] = arena.take<float>(K * da_floats<Cell>(H));
    dp_ = arena.take<float>(projection_ ? K * R : 0);
    x_ = plain_panels(arena, g.w_ih != nullptr && !tokens_, K, I);
    h_before_ = plain_panels(arena, g.w_hh != nullptr, K, R);
    m_ = plain_panels(arena, g.w_hr != nullptr, K, H);
    carry_ = arena.take<float>(B * H);
    zeros_ = arena.take<float>(H);
    rows_ = arena.take<BackwardRow>(slice_rows_ * slice_number);
    da_next_ = arena.take<const float*>(slice_rows_ * slice_number);
    dp_rows_ = arena.take<const float*>(slice_rows_ * slice_number);
    dh0_rows_ = arena.take<float*>(slice_rows_ * slice_number);
    const bool by_token = tokens_ && (input_gradient || g.w_ih != nullptr);
    by_token_ = {by_token ? arena.take<float>(l.tokens.count * Cell::gates * H) : nullptr, Cell::gates * H,
                 l.tokens.count};
    used_embeddings_ = plain_panels(arena, by_token && g.w_ih != nullptr && l.tokens.embedding != nullptr,
                                    l.tokens.count, I);
  }

  // --- Before the first chunk ---

  Index preparations() const { return pack_pieces(hh_) + pack_pieces(hr_) + pack_pieces(ih_) + pack_pieces(used_embeddings_) + 1; }

  void prepare(Index piece) {
    const Index H = l_->hidden;
    if (piece < pack_pieces(hh_)) return pack_weights(hh_, d_->weights.w_hh, Cell::first_part_of_h, piece);
    if ((piece -= pack_pieces(hh_)) < pack_pieces(hr_)) {
      return pack_piece(hr_, piece, [&](Index k) { return d_->weights.w_hr + k * H; });
    }
    if ((piece -= pack_pieces(hr_)) < pack_pieces(ih_)) return pack_weights(ih_, d_->weights.w_ih, 0, piece);
    if ((piece -= pack_pieces(ih_)) < pack_pieces(used_embeddings_)) {
      return pack_piece(used_embeddings_, piece,
                        [&](Index k) { return l_->tokens.embedding + l_->tokens.used[k] * l_->inputs; });
    }
    start_rows();
  }

  // --- Chunks ---

  // Goes on to the next chunk; false after the last.
  bool advance() {
    chunk_ = chunk_before(walk_, end_);
    first_chunk_ = end_ == l_->plan.steps;
    end_ = chunk_.first;
    parity_ ^= 1;
    x_.K = h_before_.K = m_.K = chunk_.slots;
    return chunk_.slots > 0;
  }

  // Phase 1.
  Index slices() const { return chunk_.slots > 0 ? slice_number_ : 0; }

  void walk_slice(Index k) {
    const Slice slice = slice_of(l_->plan, k, slice_number_);
    for (Index position = chunk_.end - 1; position >= chunk_.first; --position) step(slice, k * slice_rows_, position);
  }

  // The chunk's inputs of the weights' gradients, packed; some positions at a time.
  Index operands() const { return ceil_div(chunk_.end - chunk_.first, positions_per_operand()); }

  void pack_operand(Index piece) {
    const Index first = chunk_.first + piece * positions_per_operand();
    const Index end = smaller(chunk_.end, first + positions_per_operand());
    for (Index position = first; position < end; ++position) pack_operands_at(position);
  }

  // Phase 2: weights' gradients, a block of rows of one part at a time.
  Index weight_pieces() const {
    return chunk_.slots == 0 ? 0 : Cell::parts * blocks(l_->hidden) + (projection_ ? blocks(l_->outputs) : 0);
  }

  void weight_piece(Index piece, const WorkerScratch& scratch) const {
    const Index H = l_->hidden, part = piece / blocks(H);
    if (part >= Cell::parts) return projection_piece(piece - Cell::parts * blocks(H), scratch);
    const Index first = piece % blocks(H) * row_block, count = smaller(row_block, H - first);
    const Part of = Cell::part[part];
    float sums[row_block];
    interleave({da(chunk_.first_slot), da_floats<Cell>(H), chunk_.slots}, part * H + first, count, scratch.interleaved,
               scratch.tiles, sums);
    const WeightGradients& g = d_->gradients;
    if (of.of_x >= 0) {
      const Index row = of.of_x * H + first;
      if (g.b_ih != nullptr) add_sums(sums, count, g.b_ih + row, !first_chunk_);
      if (g.w_ih != nullptr && !tokens_)
        add_product(scratch, count, {x_, g.w_ih + row * l_->inputs, l_->inputs}, !first_chunk_);
    }
    if (of.of_h >= 0) {
      const Index row = of.of_h * H + first;
      if (g.b_hh != nullptr) add_sums(sums, count, g.b_hh + row, !first_chunk_);
      if (g.w_hh != nullptr)
        add_product(scratch, count, {h_before_, g.w_hh + row * l_->outputs, l_->outputs}, !first_chunk_);
    }
  }

  // Phase 2: the input's gradient, a block of slots at a time.
  Index input_pieces() const { return ceil_div(chunk_.slots, row_block); }

  void input_piece(Index piece, const Sequence& dx, bool add) const {
    const float* a[row_block];
    float* c[row_block];
    const Index first = piece * row_block, count = smaller(row_block, chunk_.slots - first);
    Index t = walk_.time(chunk_.first);
    t = smaller(t, walk_.time(chunk_.end - 1));
    for (Index i = 0; i < count; ++i) {
      const Index slot = chunk_.first_slot + first + i;
      while (l_->plan.slot[t + 1] <= slot) ++t;
      a[i] = da(slot);
      c[i] = at(dx, t, slot - l_->plan.slot[t]);
    }
    multiply<ByPointer>(a, count, ih_, c, add);
  }

  // Phase 2: da summed over the slots of each token, some columns at a time.
  Index token_pieces() const {
    return by_token_.data == nullptr || chunk_.slots == 0 ? 0 : ceil_div(by_token_.stride, row_block);
  }

  void token_piece(Index piece) const {
    const Index first = piece * row_block, count = smaller(row_block, by_token_.stride - first);
    for (Index slot = chunk_.first_slot; slot < chunk_.first_slot + chunk_.slots; ++slot) {
      const float* from = da(slot) + first;
      float* sum = const_cast<float*>(by_token_.data) + l_->tokens.of[slot] * by_token_.stride + first;
      for (Index j = 0; j < count; j += L) {
        const Index n = smaller(L, count - j);
        store(sum + j, load(sum + j, n) + load(from + j, n), n);
      }
    }
  }

  // --- After the last chunk, for tokens ---

  Index token_weight_pieces() const {
    return by_token_.data == nullptr || d_->gradients.w_ih == nullptr ? 0 : Cell::gates * blocks(l_->hidden);
  }

  void token_weight_piece(Index piece, const WorkerScratch& scratch) const {
    const Index H = l_->hidden, I = l_->inputs, part = piece / blocks(H);
    const Index first = piece % blocks(H) * row_block, count = smaller(row_block, H - first);
    float* dw = d_->gradients.w_ih + (Cell::part[part].of_x * H + first) * I;
    if (l_->tokens.embedding == nullptr) return one_hot_gradient(part * H + first, count, dw);
    if (l_->tokens.count == 0) return void(std::memset(dw, 0, count * I * sizeof(float)));
    float sums[row_block];
    interleave(by_token_, part * H + first, count, scratch.interleaved, scratch.tiles, sums);
    add_product(scratch, count, {used_embeddings_, dw, I}, false);
  }

  Index embedding_pieces() const { return by_token_.data == nullptr ? 0 : ceil_div(by_token_.rows, row_block); }

  void embedding_piece(Index piece, float* dembedding, bool add) const {
    const float* a[row_block];
    float* c[row_block];
    const Index first = piece * row_block, count = smaller(row_block, by_token_.rows - first);
    for (Index i = 0; i < count; ++i) {
      a[i] = by_token_.data + (first + i) * by_token_.stride;
      c[i] = dembedding + l_->tokens.used[first + i] * l_->inputs;
    }
    multiply<ByPointer>(a, count, ih_, c, add);
  }

 private:
  static Index blocks(Index rows) { return ceil_div(rows, row_block); }
  static Index pack_pieces(const Panels& panels) { return ceil_div(panels.K, pack_block); }

  template <class RowAt>
  static void pack_piece(const Panels& panels, Index piece, RowAt row_at) {
    const Index first = piece * pack_block;
    pack_block_of_rows(panels, first, smaller(pack_block, panels.K - first), row_at);
  }

  // W_ih or W_hh, the gates in the order of da's parts.
  void pack_weights(const Panels& panels, const float* weights, int first_part, Index piece) const {
    const Index H = l_->hidden;
    pack_piece(panels, piece, [&](Index k) {
      const Part& part = Cell::part[first_part + k / H];
      const Index gate = first_part == 0 ? part.of_x : part.of_h;
      return weights + (gate * H + k % H) * panels.N;
    });
  }

  // What comes from the final state; rows without a step give it back at once.
  void start_rows() {
    const Index H = l_->hidden, R = l_->outputs, reached = l_->plan.steps == 0 ? 0 : l_->plan.active[0];
    std::memset(zeros_, 0, H * sizeof(float));
    if (by_token_.data != nullptr)
      std::memset(const_cast<float*>(by_token_.data), 0, by_token_.rows * by_token_.stride * sizeof(float));
    for (Index rank = 0; rank < l_->plan.rows; ++rank) {
      const Index row = l_->plan.order[rank];
      if (Cell::has_c) std::memcpy(carry_ + rank * H, d_->dcn + row * H, H * sizeof(float));
      if (rank < reached) continue;
      std::memcpy(d_->dh0 + row * R, d_->dhn + row * R, R * sizeof(float));
      if (Cell::has_c) std::memcpy(d_->dc0 + row * H, d_->dcn + row * H, H * sizeof(float));
    }
    if (reached == 0) clear_gradients();
  }

  void clear_gradients() const {
    const Index I = l_->inputs, H = l_->hidden, R = l_->outputs, G = Cell::gates;
    const WeightGradients& g = d_->gradients;
    const auto clear = [](float* to, Index n) { to == nullptr ? nullptr : std::memset(to, 0, n * sizeof(float)); };
    clear(g.w_ih, G * H * I);
    clear(g.w_hh, G * H * R);
    clear(g.b_ih, G * H);
    clear(g.b_hh, G * H);
    clear(g.w_hr, R * H);
  }

  const float* da(Index slot) const {
    return da_[parity_] + (slot - chunk_.first_slot) * da_floats<Cell>(l_->hidden);
  }

  // The state before a step: that of the step before it, or the initial one.
  const float* h_before(Index position, Index rank) const {
    if (rank < walk_.active(position - 1)) return at(d_->y, walk_.time(position - 1), rank);
    return d_->h0 + l_->plan.order[rank] * l_->outputs;
  }

  const float* c_before(Index position, Index rank) const {
    const Index H = l_->hidden;
    if (rank < walk_.active(position - 1)) return d_->kept.c + walk_.slot(position - 1, rank) * H;
    return d_->c0 + l_->plan.order[rank] * H;
  }

  BackwardRow row_at(Index position, Index rank, bool has_next) const {
    const Index H = l_->hidden, t = walk_.time(position), slot = walk_.slot(position, rank);
    BackwardRow row{};
    row.dy = at(d_->dy, t, rank);
    row.carry = carry_ + rank * H;
    row.extra = Cell::gates == 3 ? row.carry : zeros_;
    if (!has_next) row.extra = d_->dhn + l_->plan.order[rank] * l_->outputs;
    row.da = const_cast<float*>(da(slot));
    if (Cell::kept_gates > 0) row.gates = d_->kept.gates + slot * Cell::kept_gates * H;
    if (Cell::gates == 1) row.h = at(d_->y, t, rank);
    if (Cell::gates == 3) row.h_before = h_before(position, rank);
    if (Cell::has_c) {
      row.c = d_->kept.c + slot * H;
      row.c_before = c_before(position, rank);
    }
    return row;
  }

  // One step of one slice, whose pointers begin at `base`.
  void step(const Slice& slice, Index base, Index position) {
    const Index n = slice.among(walk_.active(position)), H = l_->hidden;
    const Index with_next = smaller(n, slice.among(walk_.active(position + 1)));
    BackwardRow* rows = rows_ + base;
    const float** da_next = da_next_ + base;
    for (Index i = 0; i < n; ++i) rows[i] = row_at(position, slice.rank(i), i < with_next);
    const auto cell = [&](Index i, Index u, Index count, const float* dh) {
      for (Index v = 0; v < count; v += L) {
        const Index lanes = smaller(L, count - v);
        const vec others = load(rows[i].dy + u + v, lanes) + load(rows[i].extra + u + v, lanes);
        Cell::backward(rows[i], load(dh + v) + others, u + v, lanes, H);
      }
    };
    if (!projection_) {
      each_product(hh_, da_next, with_next, n, cell);
    } else {
      project_back(rows, da_next, dp_rows_ + base, with_next, n, position, slice);
    }
    for (Index i = 0; i < n; ++i) da_next[i] = rows[i].da + Cell::first_part_of_h * H;
    const Index goes_on = smaller(n, slice.among(walk_.active(position - 1)));
    end_rows(slice, da_next, dh0_rows_ + base, goes_on, n);
  }

  // W_hrᵀ between the product and the cell.
  void project_back(BackwardRow* rows, const float** da_next, const float** dp, Index with_next, Index n, Index position,
                    const Slice& slice) {
    const Index H = l_->hidden, R = l_->outputs;
    for (Index i = 0; i < n; ++i) dp[i] = dp_ + (walk_.slot(position, slice.rank(i)) - chunk_.first_slot) * R;
    each_product(hh_, da_next, with_next, n, [&](Index i, Index u, Index count, const float* dh) {
      for (Index v = 0; v < count; v += L) {
        const Index lanes = smaller(L, count - v);
        const vec others = load(rows[i].dy + u + v, lanes) + load(rows[i].extra + u + v, lanes);
        store(const_cast<float*>(dp[i]) + u + v, load(dh + v) + others, lanes);
      }
    });
    each_product(hr_, dp, n, n, [&](Index i, Index u, Index count, const float* dm) {
      for (Index v = 0; v < count; v += L) Cell::backward(rows[i], load(dm + v), u + v, smaller(L, count - v), H);
    });
  }

  // epilogue(i, u, count, sum) for each row and panel, the sum over k of a[i][k]·w[k]; of the rows from `with` on, 0.
  template <class Epilogue>
  static void each_product(const Panels& w, const float* const* a, Index with, Index n, Epilogue epilogue) {
    alignas(64) float sum[max_rows][max_vectors * L];
    alignas(64) const float nothing[max_vectors * L] = {};
    float* tiles[max_rows];
    for (int r = 0; r < max_rows; ++r) tiles[r] = sum[r];
    for (Index p = 0; p < w.count(); ++p) {
      const int V = w.vectors(p);
      const Index u = p * w.step(), count = w.columns(p);
      for (Index m = 0; m < with;) {
        const int R = next_tile(with - m, tile_rows(V));
        run_tile<ByPointer>(R, V, {a + m, 0, w.K, w.at(p, 0), false, tiles, 0});
        for (int r = 0; r < R; ++r) epilogue(m + r, u, count, sum[r]);
        m += R;
      }
      for (Index m = with; m < n; ++m) epilogue(m, u, count, nothing);
    }
  }

  // Rows [first, n) of a slice have had their earliest step: the gradient of the initial state.
  void end_rows(const Slice& slice, const float* const* da_next, float** dh0, Index first, Index n) const {
    const Index H = l_->hidden;
    for (Index i = first; i < n; ++i) {
      const Index rank = slice.rank(i), row = l_->plan.order[rank];
      dh0[i] = d_->dh0 + row * l_->outputs;
      if (Cell::gates == 3) std::memcpy(dh0[i], carry_ + rank * H, H * sizeof(float));
      if (Cell::has_c) std::memcpy(d_->dc0 + row * H, carry_ + rank * H, H * sizeof(float));
    }
    multiply<ByPointer>(da_next + first, n - first, hh_, dh0 + first, Cell::gates == 3);
  }

  Index positions_per_operand() const {
    return larger(1, pack_block / larger(1, l_->plan.active == nullptr ? 1 : l_->plan.active[0]));
  }

  void pack_operands_at(Index position) const {
    const Index t = walk_.time(position), n = walk_.active(position), k = walk_.slot(position, 0) - chunk_.first_slot;
    for (Index first = 0; first < n; first += pack_block) {
      const Index count = smaller(pack_block, n - first);
      const auto pack = [&](const Panels& panels, auto row_of_rank) {
        if (panels.data != nullptr && panels.K > 0)
          pack_block_of_rows(panels, k + first, count, [&](Index j) { return row_of_rank(j - k); });
      };
      if (x_wanted()) pack(x_, [&](Index rank) { return at(l_->x, t, rank); });
      if (d_->gradients.w_hh != nullptr) pack(h_before_, [&](Index rank) { return h_before(position, rank); });
      if (d_->gradients.w_hr != nullptr)
        pack(m_, [&](Index rank) { return d_->kept.m + walk_.slot(position, rank) * l_->hidden; });
    }
  }

  bool x_wanted() const { return d_->gradients.w_ih != nullptr && !tokens_; }

  // dW_hr = dpᵀ·m.
  void projection_piece(Index piece, const WorkerScratch& scratch) const {
    const Index H = l_->hidden, R = l_->outputs, first = piece * row_block, count = smaller(row_block, R - first);
    if (d_->gradients.w_hr == nullptr) return;
    float sums[row_block];
    interleave({dp_, R, chunk_.slots}, first, count, scratch.interleaved, scratch.tiles, sums);
    add_product(scratch, count, {m_, d_->gradients.w_hr + first * H, H}, !first_chunk_);
  }

  // The columns of dW_ih for the tokens in use; the others are 0.
  void one_hot_gradient(Index column, Index count, float* dw) const {
    std::memset(dw, 0, count * l_->inputs * sizeof(float));
    for (Index j = 0; j < count; ++j)
      for (Index k = 0; k < by_token_.rows; ++k)
        dw[j * l_->inputs + l_->tokens.used[k]] = by_token_.data[k * by_token_.stride + column + j];
  }

  const Layer* l_;
  const BackwardDirection* d_;
  Walk walk_;
  Chunk chunk_;
  bool first_chunk_;
  bool projection_;
  bool tokens_;
  int parity_ = 0;
  Index end_;  // the position before which chunks are still to come
  Index slice_number_;
  Index slice_rows_;
  // Weights, in plain panels: their own rows, no transposition.
  Panels hh_;
  Panels hr_;
  Panels ih_;
  Panels used_embeddings_;  // rows of the embedding, one for each token in use
  // The chunk's operands of the weights' gradients.
  Panels x_;
  Panels h_before_;
  Panels m_;
  float* da_[2];  // (slots of a chunk, parts): this chunk's, and the one's after it
  float* dp_;     // (slots of a chunk, R): the gradient of h after the projection
  float* carry_;  // (B, H), by rank
  float* zeros_;  // (H)
  BackwardRow* rows_;
  const float** da_next_;
  const float** dp_rows_;
  float** dh0_rows_;
  Block by_token_;  // (tokens in use, G·H): da's input parts, summed over the slots of each token
};

// Items of work that threads take by turns, each thread with scratch of its own.
template <class Body>
void share(int threads, Index items, const WorkerScratch* scratch, Body body) {
  Index next = 0;
  in_parallel(threads, smaller(threads, items), [&](Index worker) {
    for (Index k; (k = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < items;) body(k, scratch[worker]);
  });
}

template <class Cell>
struct BackwardMemory {
  BackwardPass<Cell> pass[2];
  WorkerScratch scratch[most_threads];

  BackwardMemory(Arena& arena, const Layer& l, const BackwardDirection* d, int threads, bool input_gradient) {
    for (int k = 0; k < l.directions; ++k)
      pass[k].lay_out(arena, l, d[k], slice_count(l, threads), input_gradient);
    const Index most = larger(largest_chunk(l.plan), l.tokens.of == nullptr ? 0 : l.tokens.count);
    for (int k = 0; k < threads; ++k)
      scratch[k] = {arena.take<float>(row_block * most), arena.take<const float*>(row_block),
                    arena.take<float*>(row_block)};
  }
};

// Zeros for what two directions will add to.
inline void clear_rows(const Layer& l, const Sequence& rows) {
  for (Index t = 0; t < l.plan.steps; ++t)
    for (Index rank = 0; rank < l.plan.active[t]; ++rank)
      std::memset(at(rows, t, rank), 0, l.inputs * sizeof(float));
}

template <class Cell>
bool backward(const Layer& l, const BackwardDirection* d, Sequence dx, float* dembedding, Index vocabulary) {
  const int threads = useful_threads(l, Cell::gates), D = l.directions;
  const bool wants_dx = dx.data != nullptr, input_gradient = wants_dx || dembedding != nullptr;
  Arena dry(nullptr);
  BackwardMemory<Cell>(dry, l, d, threads, input_gradient);
  float* memory = allocate(dry.used());
  if (memory == nullptr) return false;
  Arena arena(memory);
  BackwardMemory<Cell> m(arena, l, d, threads, input_gradient);
  // Pieces of either direction, numbered through.
  const auto in_both = [&](auto number, auto run) {
    const Index first = number(m.pass[0]), all = first + (D == 2 ? number(m.pass[1]) : 0);
    share(threads, all, m.scratch, [&](Index k, const WorkerScratch& scratch) {
      k < first ? run(m.pass[0], k, scratch) : run(m.pass[1], k - first, scratch);
    });
  };
  using Pass = BackwardPass<Cell>;
  using Scratch = const WorkerScratch&;

  in_both([](Pass& p) { return p.preparations(); }, [](Pass& p, Index k, Scratch) { p.prepare(k); });
  if (wants_dx && D == 2) clear_rows(l, dx);
  for (;;) {
    bool more = m.pass[0].advance();
    if (D == 2) more = m.pass[1].advance() || more;
    if (!more) break;
    in_both([](Pass& p) { return p.slices() + p.operands(); },
            [](Pass& p, Index k, Scratch) { k < p.slices() ? p.walk_slice(k) : p.pack_operand(k - p.slices()); });
    in_both([](Pass& p) { return p.weight_pieces() + p.token_pieces(); },
            [](Pass& p, Index k, Scratch scratch) {
              k < p.weight_pieces() ? p.weight_piece(k, scratch) : p.token_piece(k - p.weight_pieces());
            });
    // The directions meet in dx: one after the other.
    for (int k = 0; k < D && wants_dx; ++k)
      share(threads, m.pass[k].input_pieces(), m.scratch,
            [&](Index piece, Scratch) { m.pass[k].input_piece(piece, dx, D == 2); });
  }
  in_both([](Pass& p) { return p.token_weight_pieces(); },
          [](Pass& p, Index k, Scratch scratch) { p.token_weight_piece(k, scratch); });
  if (dembedding != nullptr) {
    std::memset(dembedding, 0, vocabulary * l.inputs * sizeof(float));
    for (int k = 0; k < D; ++k)
      share(threads, m.pass[k].embedding_pieces(), m.scratch,
            [&](Index piece, Scratch) { m.pass[k].embedding_piece(piece, dembedding, k > 0); });
  }
  release(memory, dry.used());
  return true;
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
