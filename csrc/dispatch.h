// Which instruction set's kernels are in use.
#pragma once

#include <string>
#include <vector>

#include "api.h"

namespace ostinato {

// Those this machine can run, the best last.
const std::vector<const Kernels*>& instruction_sets();

// The one in use: what OSTINATO_ISA said at the first call, otherwise the best. Throws InputError if OSTINATO_ISA
// names none of them.
const Kernels& kernels();

// From now on, for every thread. Throws InputError if this machine has none of this name.
void use_instruction_set(const std::string& name);

}  // namespace ostinato
