// Threads for the kernels: those of the OpenMP runtime this process has already, otherwise a few of our own.
//
// Two pools would fight for the cores: after each operation OpenMP's threads spin for milliseconds, waiting for the
// next.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <dlfcn.h>
#include <link.h>
#endif

#include "api.h"

namespace ostinato {
namespace {

// What a team shares. Every member takes the next task until none is left, so that a team of any size will do.
struct Job {
  Index tasks;
  void (*task)(void* context, Index k);
  void* context;
  std::atomic<Index> next{0};
};

void take_tasks(void* shared) {
  Job& job = *static_cast<Job*>(shared);
  // Relaxed: the counter only hands out numbers. What a task reads was written before the team set out, and what it
  // writes is read after the team has come together; both are ordered by the team's own locks or barriers.
  Index k;
  while ((k = job.next.fetch_add(1, std::memory_order_relaxed)) < job.tasks) job.task(job.context, k);
}

// `GOMP_parallel` is what GCC makes of `#pragma omp parallel`; LLVM's and Intel's runtimes have it too.
using OpenMP = void (*)(void (*member)(void*), void* shared, unsigned threads, unsigned flags);

#if defined(__linux__)
// How many libraries this process has ever loaded.
unsigned long long libraries_loaded() {
  unsigned long long loaded = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* out) {
        *static_cast<unsigned long long*>(out) = library->dlpi_adds;
        return 1;
      },
      &loaded);
  return loaded;
}

// The path of the loaded library with such a name, or nothing.
std::string loaded_library(const char* name) {
  struct Search {
    std::string name, path;
  } search{name, ""};
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* context) {
        Search& search = *static_cast<Search*>(context);
        const std::string path = library->dlpi_name;
        const std::size_t file = path.rfind('/') + 1;  // npos + 1 is 0
        if (path.compare(file, search.name.size(), search.name) != 0) return 0;
        search.path = path;
        return 1;
      },
      &search);
  return search.path;
}

OpenMP find_openmp() {
  // There may be several: torch and scikit-learn each bring one. Looked up through torch's library, the symbol is that
  // of the runtime torch is linked to.
  for (const char* name : {"libtorch_cpu.", "libgomp", "libiomp5", "libomp"}) {
    const std::string path = loaded_library(name);
    void* library = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOLOAD | RTLD_LAZY);
    void* symbol = library == nullptr ? nullptr : dlsym(library, "GOMP_parallel");
    if (symbol != nullptr) return reinterpret_cast<OpenMP>(symbol);
  }
  return nullptr;
}

// Looked up anew whenever libraries were loaded: torch may be imported after us.
OpenMP openmp() {
  static std::atomic<OpenMP> found{nullptr};
  static std::atomic<unsigned long long> searched{0};
  const unsigned long long loaded = libraries_loaded();
  // Acquire and release: whoever sees that a search was made sees what it found.
  if (searched.load(std::memory_order_acquire) != loaded) {
    found.store(find_openmp(), std::memory_order_relaxed);
    searched.store(loaded, std::memory_order_release);
  }
  return found.load(std::memory_order_relaxed);
}
#else
OpenMP openmp() { return nullptr; }
#endif

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waking a thread takes longer than many a job: wait some 100 µs before going to sleep.
template <class Condition>
void spin_until(Condition condition) {
  for (int i = 0; i < 4000 && !condition(); ++i) pause();
}

// Our own threads. They serve one job at a time, and are never joined: they end with the process.
//
// All that is shared is written under `mutex`; a job's data are ordered by it too, as every member locks it to enter
// and to leave. The counters are atomic only to be peeked at without it while spinning.
class Pool {
 public:
  void run(Job& job, int threads) {
    if (busy_.test_and_set(std::memory_order_acquire)) {
      take_tasks(&job);  // another thread's job has the pool: this one is done alone
      return;
    }
    hire(threads - 1);
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      vacancies_ = threads - 1;
    }
    wake_.notify_all();
    take_tasks(&job);
    close();
    busy_.clear(std::memory_order_release);
  }

 private:
  // From here on nobody enters, and nobody is inside.
  void close() {
    std::unique_lock lock(mutex_);
    vacancies_ = 0;
    lock.unlock();
    spin_until([this] { return members_ == 0; });
    lock.lock();
    left_.wait(lock, [this] { return members_ == 0; });
  }

  void serve() {
    for (;;) {
      spin_until([this] { return vacancies_ > 0; });
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return vacancies_ > 0; });
      --vacancies_;
      ++members_;
      Job* job = job_;
      lock.unlock();
      take_tasks(job);
      lock.lock();
      if (--members_ == 0) left_.notify_one();
    }
  }

  void hire(int threads) {
    try {
      for (; hired_ < threads; ++hired_) std::thread(&Pool::serve, this).detach();
    } catch (const std::system_error&) {
      // The system gives no more threads: those there are do all the tasks.
    }
  }

  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  int hired_ = 0;  // only whoever holds `busy_` looks
  std::mutex mutex_;
  std::condition_variable wake_, left_;
  Job* job_ = nullptr;
  std::atomic<int> vacancies_{0};
  std::atomic<int> members_{0};
};

std::atomic<Pool*> own_pool{nullptr};
std::atomic<bool> forked{false};

Pool& pool() {
  Pool* current = own_pool.load(std::memory_order_acquire);
  if (current == nullptr) {
    Pool* fresh = new Pool;
    if (own_pool.compare_exchange_strong(current, fresh, std::memory_order_acq_rel)) return *fresh;
    delete fresh;
  }
  return *current;
}

#if defined(__unix__) || defined(__APPLE__)
// A forked child has none of its parent's threads, and libgomp would wait for them for ever: the child takes threads of
// its own. What is left of the parent's pool may be locked, and is left alone.
[[maybe_unused]] const int at_fork = pthread_atfork(nullptr, nullptr, [] {
  forked.store(true, std::memory_order_relaxed);
  own_pool.store(nullptr, std::memory_order_relaxed);
});
#endif

}  // namespace

void parallel(int threads, Index tasks, void (*task)(void* context, Index k), void* context) {
  if (threads <= 1 || tasks <= 1) {
    for (Index k = 0; k < tasks; ++k) task(context, k);
    return;
  }
  Job job{tasks, task, context};
  const OpenMP team = forked.load(std::memory_order_relaxed) ? nullptr : openmp();
  // The whole team even for fewer tasks: libgomp ends the threads that a smaller team leaves over, and would have to
  // start them again.
  if (team != nullptr) {
    team(take_tasks, &job, static_cast<unsigned>(threads), 0);
  } else {
    pool().run(job, threads);
  }
}

}  // namespace ostinato
