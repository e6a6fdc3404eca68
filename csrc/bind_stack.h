// The part of the module in which a step is bound to Python.
#pragma once

#include <nanobind/nanobind.h>

namespace ostinato {

void bind_stack(nanobind::module_&);

}  // namespace ostinato
