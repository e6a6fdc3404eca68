// The backward pass's way through time: chunks of steps, from the end of the walk to its beginning.
#pragma once

#include "division.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// The positions [first, end) of a walk. A chunk has slots of its own, numbered from 0 on, in the walk's order.
struct Chunk {
  Index first;
  Index end;
  Index slots;
};

// The rows of one pass, and its chunks: what its phases share.
template <class Cell>
class Chunks {
 public:
  void lay_out(Arena& arena, const Layer& l, const BackwardDirection& d, const Slice& ranks, const Division& division) {
    l_ = &l;
    d_ = &d;
    ranks_ = ranks;
    threads_ = division.threads;
    walk_ = {&l.plan, d.reverse};
    chunk_ = {l.plan.steps, l.plan.steps, 0};
    da_floats_ = da_floats<Cell>(l.hidden);
    Index slots = 0;
    for (Index position = 0; position < l.plan.steps; ++position) slots += active(position);
    // No step has more rows than the first in time.
    most_slots_ = slots <= depth ? slots : larger(smaller(division.slots, slots), ranks.among(l.plan.active[0]));
    da_ = arena.take<float>(most_slots_ * da_floats_);
  }

  // On to the next chunk, which ends where the last one began; false if there is none.
  bool advance() {
    const Index end = chunk_.first;
    chunk_ = {end, end, 0};
    while (chunk_.first > 0 && chunk_.slots + active(chunk_.first - 1) <= most_slots_)
      chunk_.slots += active(--chunk_.first);
    return chunk_.slots > 0;
  }

  // Of any chunk.
  Index most_slots() const { return most_slots_; }

  const Layer& layer() const { return *l_; }
  const BackwardDirection& direction() const { return *d_; }
  const Walk& walk() const { return walk_; }
  const Chunk& chunk() const { return chunk_; }
  bool is_first() const { return chunk_.end == l_->plan.steps; }
  int threads() const { return threads_; }  // that share the work

  Index rows() const { return ranks_.count; }
  Index rank(Index i) const { return ranks_.rank(i); }

  // Rows of the pass in the step at this position.
  Index active(Index position) const { return ranks_.among(walk_.active(position)); }

  // The gradient of what goes into the gates, in the cell's parts, until the next chunk's takes its place.
  float* da(Index slot) const { return da_ + slot * da_floats_; }
  Index da_stride() const { return da_floats_; }

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
  Slice ranks_;
  int threads_;
  Walk walk_;
  Chunk chunk_;
  Index da_floats_;  // of a slot
  Index most_slots_;
  float* da_;
};

// Where a chunk's slots are, which are asked for in turn.
template <class Cell>
class SlotPlaces {
 public:
  explicit SlotPlaces(const Chunks<Cell>& chunks)
      : chunks_(chunks), position_(chunks.chunk().first), rows_(chunks.active(position_)) {}

  struct Place {
    Index position;
    Index t;
    Index rank;
    Index slot;  // the plan's
  };

  Place of(Index slot) {
    while (slot - before_ >= rows_) {
      before_ += rows_;
      rows_ = chunks_.active(++position_);
    }
    const Index rank = chunks_.rank(slot - before_);
    return {position_, chunks_.walk().time(position_), rank, chunks_.walk().slot(position_, rank)};
  }

 private:
  const Chunks<Cell>& chunks_;
  Index position_;
  Index rows_;        // in the step at that position
  Index before_ = 0;  // slots of the chunk
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
