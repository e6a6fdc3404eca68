// Memory for the time of a call. A fresh block costs a page fault for each of its pages, more than some kernels take to
// fill it; so freed blocks wait here for the next call.
#include <algorithm>
#include <cstddef>
#include <mutex>
#include <new>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "api.h"

namespace ostinato {
namespace {

constexpr std::size_t MiB = std::size_t{1} << 20;
constexpr std::size_t huge_page = 2 * MiB;
#if defined(OSTINATO_SANITIZE)
constexpr std::size_t keep_at_most = 0;  // so that the sanitizer sees every block freed
#else
constexpr std::size_t keep_at_most = 256 * MiB;
#endif

struct Block {
  void* memory;
  std::size_t bytes;
};

// The size of the block for so many floats. There are four sizes to each power of two: lengths that change every call
// find a block all the same, and at most a fifth of it lies idle.
std::size_t block_bytes(Index floats) {
  const std::size_t bytes = std::max<std::size_t>(static_cast<std::size_t>(floats) * sizeof(float), 64);
#if defined(OSTINATO_SANITIZE)
  return bytes;
#else
  std::size_t unit = 64;
  while (unit * 8 <= bytes) unit *= 2;
  return (bytes + unit - 1) / unit * unit;
#endif
}

std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes >= 2 * huge_page ? huge_page : 64}; }

void* fresh(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment(bytes), std::nothrow);
#if defined(__linux__)
  if (memory != nullptr && bytes >= 2 * huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_block(Block block) { ::operator delete(block.memory, alignment(block.bytes)); }

// Freed blocks, the longest unused first. Never destroyed: a thread may be at work while the process ends.
std::mutex& mutex = *new std::mutex;
std::vector<Block>& kept = *new std::vector<Block>;
std::size_t kept_bytes = 0;
Index allocation_count = 0;

void forget_oldest() {
  kept_bytes -= kept.front().bytes;
  free_block(kept.front());
  kept.erase(kept.begin());
}

#if defined(__unix__) || defined(__APPLE__)
// A child is forked between two uses of the list, never in the middle of one.
[[maybe_unused]] const int at_fork =
    pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
#endif

}  // namespace

float* allocate(Index floats) {
  const std::size_t bytes = block_bytes(floats);
  const std::lock_guard lock(mutex);
  ++allocation_count;
  const auto fits = std::find_if(kept.rbegin(), kept.rend(), [bytes](Block b) { return b.bytes == bytes; });
  if (fits != kept.rend()) {
    void* memory = fits->memory;
    kept_bytes -= bytes;
    kept.erase(std::next(fits).base());
    return static_cast<float*>(memory);
  }
  void* memory = fresh(bytes);
  while (memory == nullptr && !kept.empty()) {
    forget_oldest();
    memory = fresh(bytes);
  }
  return static_cast<float*>(memory);
}

Index allocations() {
  const std::lock_guard lock(mutex);
  return allocation_count;
}

void release(float* memory, Index floats) {
  if (memory == nullptr) return;
  const Block block{memory, block_bytes(floats)};
  if (block.bytes > keep_at_most) return free_block(block);
  const std::lock_guard lock(mutex);
  kept.push_back(block);
  kept_bytes += block.bytes;
  while (kept_bytes > keep_at_most) forget_oldest();
}

}  // namespace ostinato
