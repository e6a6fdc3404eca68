#include "tokens.h"

#include <algorithm>
#include <string>

#include "errors.h"

namespace ostinato {
namespace {

// Token -> its index among those used. Open addressing with the token itself as its hash: where the vocabulary is not
// larger than the table, each token has a place of its own, and nothing is ever searched.
class Indices {
 public:
  explicit Indices(Index at_most) {
    std::size_t places = 1;
    while (places < 2 * static_cast<std::size_t>(at_most)) places *= 2;
    places_.assign(places, {-1, 0});
  }

  // The token's index; `next` if it has not been seen before.
  Index of(Index token, Index next) {
    const std::size_t mask = places_.size() - 1;
    std::size_t place = static_cast<std::size_t>(token) & mask;
    while (places_[place].token != token) {
      if (places_[place].token < 0) {
        places_[place] = {token, next};
        return next;
      }
      place = (place + 1) & mask;
    }
    return places_[place].index;
  }

 private:
  struct Place {
    Index token, index;
  };
  std::vector<Place> places_;
};

[[noreturn]] void unknown_token(Index token, Index t, Index row, Index vocabulary) {
  throw InputError("token " + std::to_string(token) + " at step " + std::to_string(t) + " of row " +
                   std::to_string(row) + " is outside 0 to " + std::to_string(vocabulary - 1));
}

}  // namespace

TokenTable token_table(const Plan& plan, const Index* ids, const Places& places, Index vocabulary) {
  const Index slots = plan.slot[plan.steps];
  TokenTable table;
  table.of.reserve(slots + 1);  // not null, even where there is no slot
  Indices indices(std::min(slots, vocabulary));
  for (Index t = 0; t < plan.steps; ++t) {
    for (Index rank = 0; rank < plan.active[t]; ++rank) {
      const Index token = ids[places.step[t] + places.row[rank]];
      if (token < 0 || token >= vocabulary) unknown_token(token, t, plan.order[rank], vocabulary);
      const Index next = static_cast<Index>(table.used.size());
      table.of.push_back(indices.of(token, next));
      if (table.of.back() == next) table.used.push_back(token);
    }
  }
  return table;
}

}  // namespace ostinato
