// The part of the module in which a layer's pass over torch's tensors is bound to Python.
#pragma once

#include <nanobind/nanobind.h>

namespace ostinato {

void bind_tensors(nanobind::module_&);

}  // namespace ostinato
