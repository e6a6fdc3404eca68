// Memory for one pass.
#pragma once

#include "gemm.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

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
    const Index lines = ceil_div(n * static_cast<Index>(sizeof(T)), 64);
    used_ += lines * line;
#if defined(__SANITIZE_ADDRESS__)  // nobody may touch the line between two pieces
    if (base_ != nullptr) {
      ASAN_UNPOISON_MEMORY_REGION(piece, lines * 64);
      ASAN_POISON_MEMORY_REGION(base_ + used_, 64);
    }
    used_ += line;
#endif
    return piece;
  }

  Index used() const { return used_; }

 private:
  float* base_;
  Index used_ = 0;
};

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
