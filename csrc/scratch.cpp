// Memory for the time of a call. A fresh block costs a page fault for each of its pages, more than some kernels take to
// fill it; so freed blocks wait here for the next call.
//
// Huge pages save one or two hundredths of a training step, but may cost milliseconds each to come by, where a virtual
// machine has to ask its host for them. So only a block that comes back again and again gets them, or that lasts.
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
constexpr int frequent = 16;  // times that a block is taken before it gets huge pages
#if defined(OSTINATO_SANITIZE)
constexpr std::size_t keep_at_most = 0;  // so that the sanitizer sees every block freed
#else
constexpr std::size_t keep_at_most = 256 * MiB;
#endif

struct Block {
  void* memory;
  std::size_t bytes;
  int taken;  // how many times
  bool huge;  // whether in huge pages
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

bool is_large(std::size_t bytes) { return bytes >= 2 * huge_page; }

std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{is_large(bytes) ? huge_page : 64}; }

void* fresh(std::size_t bytes, [[maybe_unused]] bool huge) {
  void* memory = ::operator new(bytes, alignment(bytes), std::nothrow);
#if defined(__linux__)
  if (memory != nullptr && huge) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_block(Block block) { ::operator delete(block.memory, alignment(block.bytes)); }

// Freed blocks, the longest unused first. Never destroyed: a thread may be at work while the process ends.
std::mutex& mutex = *new std::mutex;
std::vector<Block>& kept = *new std::vector<Block>;
std::vector<Block>& lent = *new std::vector<Block>;  // those that are in use
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

float* allocate(Index floats, bool lasting) {
  Block block{nullptr, block_bytes(floats), 0, false};
  const std::lock_guard lock(mutex);
  ++allocation_count;
  const auto fits = std::find_if(kept.rbegin(), kept.rend(), [&](const Block& b) { return b.bytes == block.bytes; });
  if (fits != kept.rend()) {
    block = *fits;
    kept_bytes -= block.bytes;
    kept.erase(std::next(fits).base());
  }
  ++block.taken;
  if (!block.huge && is_large(block.bytes) && (lasting || block.taken >= frequent)) {
    free_block(block);
    block.memory = nullptr;
    block.huge = true;
  }
  const auto renew = [&] { block.memory = fresh(block.bytes, block.huge); };
  if (block.memory == nullptr) renew();
  while (block.memory == nullptr && !kept.empty()) {
    forget_oldest();
    renew();
  }
  if (block.memory != nullptr) lent.push_back(block);
  return static_cast<float*>(block.memory);
}

Index allocations() {
  const std::lock_guard lock(mutex);
  return allocation_count;
}

void release(float* memory) {
  if (memory == nullptr) return;
  const std::lock_guard lock(mutex);
  const auto found = std::find_if(lent.rbegin(), lent.rend(), [&](const Block& b) { return b.memory == memory; });
  const Block block = *found;
  lent.erase(std::next(found).base());
  if (block.bytes > keep_at_most) return free_block(block);
  kept.push_back(block);
  kept_bytes += block.bytes;
  while (kept_bytes > keep_at_most) forget_oldest();
}

}  // namespace ostinato
