// A layer's passes straight from torch's tensors. What the numpy face does in Python for every array of every call
// takes longer than a small layer itself; here it is a few comparisons. A call in which something is not exactly what
// is due is left to the numpy face, which copies it or says what is wrong.
#include "bind_tensors.h"

#include <algorithm>
#include <vector>

#include "tensors.h"

namespace nb = nanobind;

namespace ostinato {
namespace {

// A list or a tuple.
class Items {
 public:
  explicit Items(nb::handle sequence) : sequence_(sequence) {}

  Index count() const { return PySequence_Fast_GET_SIZE(sequence_.ptr()); }
  nb::handle operator[](Index i) const { return PySequence_Fast_GET_ITEM(sequence_.ptr(), i); }

 private:
  nb::handle sequence_;
};

// Zeros, or room for what nobody wants.
class Spare {
 public:
  float* floats(Index count) {
    blocks_.emplace_back(count);
    return blocks_.back().data();
  }

 private:
  std::vector<std::vector<float>> blocks_;
};

// A direction's parameters in torch's order: two matrices, two biases or none, the projection or not.
struct Parameters {
  nb::handle w_ih, w_hh, b_ih, b_hh, w_hr;

  Parameters(const Items& all, Index first, Index each)
      : w_ih(all[first]), w_hh(all[first + 1]), b_ih(Py_None), b_hh(Py_None), w_hr(Py_None) {
    if (each >= 4) {
      b_ih = all[first + 2];
      b_hh = all[first + 3];
    }
    if (each % 2 == 1) w_hr = all[first + each - 1];
  }
};

// What both passes are given: nn's `Inputs`, (kind, x, state, weights, embedding, lengths, batch_sizes).
class TensorCall {
 public:
  TensorCall(nb::handle interface, int kind, nb::handle inputs, int threads)
      : tensors_(interface), inputs_(inputs), states_(inputs_[2]), weights_(inputs_[3]) {
    call_.kind = static_cast<Kind>(kind);
    call_.threads = std::min(threads, most_threads);
    read_sizes();
    read_input();
    read_lengths();
    for (int d = 0; d < call_.directions && fit(); ++d) read_direction(d);
  }

  bool fit() const { return tensors_.fit(); }
  Tensors& tensors() { return tensors_; }
  const LayerCall& call() const { return call_; }
  bool has_c() const { return call_.kind == Kind::lstm; }
  Index states() const { return has_c() ? 2 : 1; }

  Batch<float> outputs(nb::handle y) { return of_input(y, call_.directions * call_.outputs); }

  // As x, with vectors of another width.
  Batch<float> of_input(nb::handle tensor, Index width) {
    return call_.packed() ? tensors_.vectors(tensor, {slots_, width})
                          : tensors_.vectors(tensor, {call_.steps, call_.rows, width});
  }

  // h or c of all directions, (D, B, ·).
  float* state(nb::handle tensor, Index which) {
    return tensors_.floats(tensor, {call_.directions, call_.rows, state_width(which)});
  }
  Index state_floats(Index which) const { return call_.rows * state_width(which); }

  Kept kept(const Items& items, int d) {
    const Index H = call_.hidden, number = has_c() ? (projected_ ? 3 : 2) : call_.kind == Kind::gru ? 1 : 0;
    tensors_.require(items.count() == number);
    const auto of = [&](Index i, Index width) -> float* {
      if (!fit() || i >= number) return nullptr;
      float* all = tensors_.floats(items[i], {call_.directions, slots_, width});
      return all == nullptr ? nullptr : all + d * slots_ * width;
    };
    return {of(0, 4 * H), of(1, H), of(2, H)};
  }

  template <class Direction>
  Direction direction(int d) const {
    Direction direction{};
    direction.reverse = d == 1;
    direction.weights = of_direction_[d];
    direction.h0 = h0_ + d * state_floats(0);
    direction.c0 = has_c() ? c0_ + d * state_floats(1) : nullptr;
    return direction;
  }

  WeightGradients gradients(const Items& all, Index first, int d) {
    const Parameters p(all, first + d * each_, each_);
    const Index GH = gates() * call_.hidden;
    return {tensors_.floats(p.w_ih, {GH, call_.inputs}), tensors_.floats(p.w_hh, {GH, call_.outputs}),
            tensors_.floats(p.b_ih, {GH}), tensors_.floats(p.b_hh, {GH}),
            tensors_.floats(p.w_hr, {call_.outputs, call_.hidden})};
  }

 private:
  Index gates() const {
    constexpr Index of_kind[] = {1, 1, 4, 3};
    return of_kind[static_cast<int>(call_.kind)];
  }
  Index state_width(Index which) const { return which == 0 ? call_.outputs : call_.hidden; }

  void read_sizes() {
    const Tensor h = tensors_.read(states_[0]), w_ih = tensors_.read(weights_[0]), w_hh = tensors_.read(weights_[1]);
    tensors_.require(h.dimensions == 3 && w_ih.dimensions == 2 && w_hh.dimensions == 2);
    if (!fit()) return;
    call_.directions = static_cast<int>(h.shape[0]);
    call_.rows = h.shape[1];
    call_.inputs = w_ih.shape[1];
    call_.hidden = w_hh.shape[0] / gates();
    call_.outputs = w_hh.shape[1];
    tensors_.require(1 <= call_.directions && call_.directions <= max_directions && call_.rows >= 1);
    tensors_.require(call_.inputs >= 1 && call_.hidden >= 1 && call_.outputs >= 1 && states_.count() == states());
    if (!fit()) return;
    each_ = weights_.count() / call_.directions;
    projected_ = each_ % 2 == 1;
    tensors_.require(2 <= each_ && each_ <= 5 && each_ * call_.directions == weights_.count());
    tensors_.require(projected_ ? has_c() && call_.outputs < call_.hidden : call_.outputs == call_.hidden);
  }

  void read_input() {
    const Tensor x = tensors_.read(inputs_[1]);
    const bool packed = !inputs_[6].is_none(), vectors = x.is_float32();
    const int places = packed ? 1 : 2;
    tensors_.require(x.dimensions == places + (vectors ? 1 : 0) && (vectors || x.is_int64()));
    if (!fit()) return;
    slots_ = packed ? x.shape[0] : x.shape[0] * x.shape[1];
    call_.steps = x.shape[0];
    tensors_.require(slots_ >= 1 && (packed || x.shape[1] == call_.rows));
    if (packed) read_batch_sizes();
    if (vectors) {
      const Batch<float> batch = of_input(inputs_[1], call_.inputs);
      call_.x = {batch.data, batch.step_stride, batch.row_stride};
    } else {
      call_.ids = {static_cast<const Index*>(x.data), x.strides[0], x.strides[places - 1]};
    }
    call_.vocabulary = call_.inputs;
    if (inputs_[4].is_none() || !fit()) return;
    const Tensor embedding = tensors_.read(inputs_[4]);
    tensors_.require(!vectors && embedding.dimensions == 2 && embedding.shape[0] >= 1);
    if (!fit()) return;
    call_.vocabulary = embedding.shape[0];
    call_.embedding = tensors_.floats(inputs_[4], {call_.vocabulary, call_.inputs});
  }

  void read_batch_sizes() {
    const Tensor sizes = tensors_.read(inputs_[6]);
    tensors_.require(sizes.dimensions == 1 && sizes.shape[0] >= 1 && inputs_[5].is_none());
    if (!fit()) return;
    call_.steps = sizes.shape[0];
    call_.batch_sizes = tensors_.whole_numbers(inputs_[6], {call_.steps});
    Index sum = 0, most = call_.rows;
    for (Index t = 0; t < call_.steps && fit(); ++t) {
      tensors_.require(1 <= call_.batch_sizes[t] && call_.batch_sizes[t] <= most);
      sum += most = call_.batch_sizes[t];
    }
    tensors_.require(sum == slots_);
  }

  void read_lengths() {
    if (!fit() || inputs_[5].is_none()) return;
    call_.lengths = tensors_.whole_numbers(inputs_[5], {call_.rows});
    for (Index b = 0; b < call_.rows && fit(); ++b)
      tensors_.require(0 <= call_.lengths[b] && call_.lengths[b] <= call_.steps);
  }

  void read_direction(int d) {
    const WeightGradients w = gradients(weights_, 0, d);
    of_direction_[d] = {w.w_ih, w.w_hh, w.b_ih, w.b_hh, w.w_hr};
    if (d > 0) return;
    h0_ = state(states_[0], 0);
    if (has_c()) c0_ = state(states_[1], 1);
  }

  Tensors tensors_;
  Items inputs_, states_, weights_;
  LayerCall call_{};
  Index slots_ = 0;  // T·B, or N
  Index each_ = 0;   // parameters of a direction
  bool projected_ = false;
  const float *h0_ = nullptr, *c0_ = nullptr;
  Weights of_direction_[max_directions] = {};
};

// Whether it ran. kept: a list, or None in inference.
bool forward_tensors(nb::handle interface, int kind, nb::handle inputs, nb::handle y, nb::handle finals,
                     nb::handle kept, int threads) {
  TensorCall given(interface, kind, inputs, threads);
  if (!given.fit()) return false;
  const LayerCall& call = given.call();
  const Items final(finals);
  const Batch<float> y_out = given.outputs(y);
  float* hn = given.state(final[0], 0);
  float* cn = given.has_c() ? given.state(final[1], 1) : nullptr;
  ForwardDirection directions[max_directions] = {};
  for (int d = 0; d < call.directions && given.fit(); ++d) {
    directions[d] = given.direction<ForwardDirection>(d);
    directions[d].hn = hn + d * given.state_floats(0);
    directions[d].cn = cn == nullptr ? nullptr : cn + d * given.state_floats(1);
    if (!kept.is_none()) directions[d].kept = given.kept(Items(kept), d);
  }
  if (!given.fit()) return false;
  const nb::gil_scoped_release others_may_run;
  forward(call, y_out, directions);
  return true;
}

// Whether it ran. gradients: of x, the embedding, each state and each weight; None for what is not wanted. dy and each
// of dfinals may be None: zeros.
bool backward_tensors(nb::handle interface, int kind, nb::handle inputs, nb::handle y, nb::handle kept, nb::handle dy,
                      nb::handle dfinals, nb::handle gradients, int threads) {
  TensorCall given(interface, kind, inputs, threads);
  if (!given.fit()) return false;
  const LayerCall& call = given.call();
  const Items dfinal(dfinals), wanted(gradients);
  Spare spare;
  const auto read_only = [](Batch<float> b) { return Batch<const float>{b.data, b.step_stride, b.row_stride}; };
  const Batch<const float> y_in = read_only(given.outputs(y));
  const Batch<const float> dy_in = dy.is_none() ? Batch<const float>{spare.floats(call.directions * call.outputs), 0, 0}
                                                : read_only(given.outputs(dy));
  const Batch<float> dx_out = given.of_input(wanted[0], call.inputs);
  given.tensors().require(dx_out.data == nullptr || call.x.data != nullptr);
  given.tensors().require(wanted[1].is_none() || call.embedding != nullptr);
  if (!given.fit()) return false;
  float* dembedding_out = given.tensors().floats(wanted[1], {call.vocabulary, call.inputs});
  float *dfinal_in[2] = {}, *dstate_out[2] = {};
  for (Index s = 0; s < given.states(); ++s) {
    const auto of = [&](nb::handle tensor) {
      return tensor.is_none() ? spare.floats(call.directions * given.state_floats(s)) : given.state(tensor, s);
    };
    dfinal_in[s] = of(dfinal[s]);
    dstate_out[s] = of(wanted[2 + s]);
  }
  BackwardDirection directions[max_directions] = {};
  for (int d = 0; d < call.directions && given.fit(); ++d) {
    BackwardDirection& direction = directions[d];
    direction = given.direction<BackwardDirection>(d);
    direction.kept = given.kept(Items(kept), d);
    const auto at = [&](float* const* all, Index s) {
      return all[s] == nullptr ? nullptr : all[s] + d * given.state_floats(s);
    };
    direction.dhn = at(dfinal_in, 0);
    direction.dcn = at(dfinal_in, 1);
    direction.dh0 = at(dstate_out, 0);
    direction.dc0 = at(dstate_out, 1);
    direction.gradients = given.gradients(wanted, 2 + given.states(), d);
  }
  if (!given.fit()) return false;
  const nb::gil_scoped_release others_may_run;
  backward(call, y_in, dy_in, dx_out, dembedding_out, directions);
  return true;
}

}  // namespace

void bind_tensors(nb::module_& m) {
  m.def("forward_tensors", &forward_tensors, nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
        nb::arg().none(), nb::arg());
  m.def("backward_tensors", &backward_tensors, nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
        nb::arg().none(), nb::arg(), nb::arg(), nb::arg());
}

}  // namespace ostinato
