// What the kernels can be compiled with; compiled alone, it says whether this compiler is one.
#if defined(__clang__)
#if __clang_major__ < 13
#error "Ostinato's kernels need Clang 13 or newer"
#endif
#elif !defined(__GNUC__) || __GNUC__ < 11
#error "Ostinato's kernels need GCC 11 or newer, or Clang 13 or newer"
#endif
#include <atomic>  // a compiler without its library will not do
static_assert(__cplusplus >= 201703L, "Ostinato's kernels need C++17");
