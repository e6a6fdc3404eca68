// The backward pass's way through time: chunks of steps, from the end of the walk to its beginning. What one
// direction's phases share.
#pragma once

#include "products.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Slots of a chunk: about a megabyte of da, or the depth of a product.
inline Index chunk_slots(Index da_floats) { return larger(depth, (Index{1} << 18) / da_floats); }

// The positions [first, end) of a walk, and their slots, which are contiguous.
struct Chunk {
  Index first;
  Index end;
  Index first_slot;
  Index slots;
};

// Whether two chunks have no slot in common.
inline bool apart(const Chunk& a, const Chunk& b) {
  return a.first_slot + a.slots <= b.first_slot || b.first_slot + b.slots <= a.first_slot;
}

// The chunk that ends where the one after it begins.
inline Chunk chunk_before(const Walk& walk, Index end, Index most) {
  Index first = end, slots = 0;
  while (first > 0 && (slots == 0 || slots + walk.active(first - 1) <= most)) slots += walk.active(--first);
  const Index earliest = smaller(walk.time(first), walk.time(end - 1));
  return {first, end, slots == 0 ? 0 : walk.plan->slot[earliest], slots};
}

template <class Cell>
class Chunks {
 public:
  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d) {
    l_ = &l;
    d_ = &d;
    walk_ = {&l.plan, d.reverse};
    next_end_ = l.plan.steps;
    // Some padding, lest rows of a power of two share cache lines.
    da_floats_ = ceil_div(Cell::parts * l.hidden, L) * L + L;
    most_slots_ = l.plan.steps == 0 ? 0 : larger(smaller(chunk_slots(da_floats_), slots(l.plan)), l.plan.active[0]);
    for (float*& da : da_) da = arena.take<float>(most_slots_ * da_floats_);
  }

  // On to the next chunk; false after the last.
  bool advance() {
    chunk_ = chunk_before(walk_, next_end_, most_slots_);
    next_end_ = chunk_.first;
    parity_ ^= 1;
    return chunk_.slots > 0;
  }

  // Of any chunk.
  Index most_slots() const { return most_slots_; }

  const Layer& layer() const { return *l_; }
  const BackwardDirection& direction() const { return *d_; }
  const Walk& walk() const { return walk_; }
  const Chunk& chunk() const { return chunk_; }
  bool is_first() const { return chunk_.end == l_->plan.steps; }

  // The gradient of what goes into the gates, in the cell's parts. The chunk's after this one, which the recurrence
  // comes from, is kept as long as this one is.
  float* da(Index slot) const { return da_[parity_] + (slot - chunk_.first_slot) * da_floats_; }
  Index da_floats() const { return da_floats_; }

  // The state before a step: that of the step before it, or the initial one.
  const float* h_before(Index position, Index rank) const {
    if (rank < walk_.active(position - 1)) return at(d_->y, walk_.time(position - 1), rank);
    return d_->h0 + l_->plan.order[rank] * l_->outputs;
  }

  const float* c_before(Index position, Index rank) const {
    if (rank < walk_.active(position - 1)) return d_->kept.c + walk_.slot(position - 1, rank) * l_->hidden;
    return d_->c0 + l_->plan.order[rank] * l_->hidden;
  }

 private:
  const Layer* l_;
  const BackwardDirection* d_;
  Walk walk_;
  Chunk chunk_;
  Index next_end_;
  Index da_floats_;
  Index most_slots_;
  float* da_[2];
  int parity_ = 0;
};

// The step and the rank of a chunk's slots, which are asked for in turn.
template <class Cell>
class SlotPlaces {
 public:
  explicit SlotPlaces(const Chunks<Cell>& chunks)
      : slot_(chunks.layer().plan.slot),
        t_(smaller(chunks.walk().time(chunks.chunk().first), chunks.walk().time(chunks.chunk().end - 1))) {}

  struct Place {
    Index t;
    Index rank;
  };

  Place of(Index slot) {
    while (slot_[t_ + 1] <= slot) ++t_;
    return {t_, slot - slot_[t_]};
  }

 private:
  const Index* slot_;
  Index t_;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
