// Memory for one pass.
#pragma once

#include "gemm.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// Pieces of one allocation, each on a cache line of its own. Laid out twice: from null to learn the size, then in
// earnest.
class Arena {
 public:
  explicit Arena(float* base) : base_(base) {}

  template <class T>
  T* take(Index n) {
    T* piece = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + used_);
    used_ += ceil_div(n * static_cast<Index>(sizeof(T)), 64) * 16;
    return piece;
  }

  Index used() const { return used_; }

 private:
  float* base_;
  Index used_ = 0;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
