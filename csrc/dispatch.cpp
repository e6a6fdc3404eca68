#include "dispatch.h"

#include <atomic>
#include <cstdlib>

#if defined(__linux__) && defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "errors.h"

namespace ostinato {
namespace {

#if defined(__x86_64__)
// Whether there is a matrix unit for bfloat16, and the operating system lets this process have it. Its registers are so
// large that Linux wants to be asked before it makes room for them in every thread.
bool matrix_unit() {
#if defined(__linux__)
  constexpr unsigned bfloat16 = 1u << 22, tiles = 1u << 24;
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || (~edx & (bfloat16 | tiles)) != 0) return false;
  constexpr int request = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, request, tile_data) == 0;
#else
  return false;
#endif
}
#endif

std::vector<const Kernels*> found() {
#if defined(__x86_64__)
  // These ask the operating system too: it must save the wide registers.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  std::vector<const Kernels*> sets{&kernels_baseline};
  if (avx2) sets.push_back(&kernels_avx2);
  if (avx512) sets.push_back(&kernels_avx512);
  if (avx512 && matrix_unit()) sets.push_back(&kernels_amx);
  return sets;
#elif defined(__aarch64__)
  return {&kernels_neon};
#else
  return {&kernels_baseline};
#endif
}

const Kernels& named(const std::string& name, const std::string& asked_by) {
  std::string names;
  for (const Kernels* set : instruction_sets()) {
    if (set->name == name) return *set;
    names += (names.empty() ? "" : ", ") + std::string(set->name);
  }
  throw InputError(asked_by + " is '" + name + "', which this machine cannot run; it has: " + names);
}

const Kernels& chosen_at_first() {
  const char* forced = std::getenv("OSTINATO_ISA");
  if (forced == nullptr || *forced == '\0') return *instruction_sets().back();
  return named(forced, "OSTINATO_ISA");
}

std::atomic<const Kernels*> in_use{nullptr};

}  // namespace

const std::vector<const Kernels*>& instruction_sets() {
  static const std::vector<const Kernels*> sets = found();
  return sets;
}

const Kernels& kernels() {
  // The tables are constants: there is nothing to order but the pointer itself.
  const Kernels* set = in_use.load(std::memory_order_relaxed);
  if (set == nullptr) {
    set = &chosen_at_first();
    in_use.store(set, std::memory_order_relaxed);
  }
  return *set;
}

void use_instruction_set(const std::string& name) {
  in_use.store(&named(name, "the instruction set"), std::memory_order_relaxed);
}

}  // namespace ostinato
