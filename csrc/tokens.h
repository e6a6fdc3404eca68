// Tokens as the kernels take them: those that occur, each once, and for each slot which of them it is.
#pragma once

#include <vector>

#include "plan.h"

namespace ostinato {

struct TokenTable {
  std::vector<Index> of, used;  // see api.h's Tokens
};

// ids: as a Sequence's data, one for each slot. Throws InputError if one is not in [0, vocabulary).
TokenTable token_table(const Plan&, const Index* ids, const Places&, Index vocabulary);

}  // namespace ostinato
