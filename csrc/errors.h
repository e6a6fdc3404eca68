// Errors that a user can mend; bind.cpp turns them into Python's ostinato.InputError.
#pragma once

#include <stdexcept>

namespace ostinato {

struct InputError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

}  // namespace ostinato
