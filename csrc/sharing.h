// How threads share a pass.
#pragma once

#include "walk.h"

namespace ostinato::OSTINATO_ISA {
namespace {

// How many slices the rows of one direction are cut into.
inline Index slice_count(const Layer& l, int threads) {
  return larger(1, smaller(l.plan.rows, ceil_div(threads, l.directions)));
}

// Too little work is not worth waking another thread for.
inline int useful_threads(const Layer& l, int gates) {
  const Index work = slots(l.plan) * gates * l.hidden * (l.inputs + l.outputs) * l.directions;
  return work < 100000 ? 1 : l.threads;
}

// Calls body(k) for k in [0, tasks) on the layer's threads.
template <class Body>
void in_parallel(int threads, Index tasks, Body body) {
  parallel(threads, tasks, [](void* context, Index k) { (*static_cast<Body*>(context))(k); }, &body);
}

}  // namespace
}  // namespace ostinato::OSTINATO_ISA
