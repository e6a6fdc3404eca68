// The module ostinato.kernels._native. Its only callers are in the numpy face, which has checked every argument:
// tuples have the right length, and None stands where an array may be left out.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <new>

#include "arrays.h"
#include "bind_stack.h"
#include "bind_tensors.h"
#include "dispatch.h"
#include "errors.h"
#include "layer.h"
#include "packed.h"

namespace nb = nanobind;

namespace ostinato {
namespace {

nb::handle item(nb::handle tuple, int i) { return PyTuple_GET_ITEM(tuple.ptr(), i); }

// The second array of (h,) or (h, c).
nb::handle second(nb::handle state) {
  return PyTuple_GET_SIZE(state.ptr()) == 2 ? item(state, 1) : nb::handle(Py_None);
}

Weights weights_in(Arrays& arrays, nb::handle weights) {
  const auto w = [&](int i) { return arrays.input(item(weights, i), "weights"); };
  return {w(0), w(1), w(2), w(3), w(4)};
}

WeightGradients gradients_out(Arrays& arrays, nb::handle dweights) {
  const auto dw = [&](int i) { return arrays.output(item(dweights, i), "dweights"); };
  return {dw(0), dw(1), dw(2), dw(3), dw(4)};
}

Kept kept_out(Arrays& arrays, nb::handle kept) {
  if (kept.is_none()) return {};
  const auto k = [&](int i) { return arrays.output(item(kept, i), "kept"); };
  return {k(0), k(1), k(2)};
}

Kept kept_in(Arrays& arrays, nb::handle kept) {
  // `Kept` serves both passes; the backward one only reads it.
  const auto k = [&](int i) { return const_cast<float*>(arrays.input(item(kept, i), "kept")); };
  return {k(0), k(1), k(2)};
}

// What a direction of either pass is given: an entry of each tuple.
template <class Direction>
Direction given_direction(Arrays& arrays, int d, nb::handle reverse, nb::handle weights, nb::handle states) {
  Direction direction{};
  direction.reverse = item(reverse, d).is(Py_True);
  direction.weights = weights_in(arrays, item(weights, d));
  direction.h0 = arrays.input(item(item(states, d), 0), "states");
  direction.c0 = arrays.input(second(item(states, d)), "states");
  return direction;
}

// From the fields of the face's `Call`, in their order.
LayerCall layer_call(Arrays& arrays, nb::handle fields) {
  const auto number = [&](int i) { return nb::cast<Index>(item(fields, i)); };
  LayerCall call{};
  call.kind = static_cast<Kind>(number(0));
  call.inputs = number(1);
  call.hidden = number(2);
  call.outputs = number(3);
  call.steps = number(4);
  call.rows = number(5);
  call.directions = static_cast<int>(number(6));
  call.threads = static_cast<int>(std::min<Index>(number(7), most_threads));
  call.batch_sizes = arrays.input<Index>(item(fields, 12), "batch_sizes");
  call.lengths = arrays.input<Index>(item(fields, 11), "lengths");
  call.x = arrays.input_batch(item(fields, 8), "x", call.packed());
  call.ids = arrays.input_batch<Index>(item(fields, 9), "x", call.packed());
  const Py_buffer& embedding = arrays.view(item(fields, 10), "embedding");
  call.embedding = static_cast<const float*>(embedding.buf);
  call.vocabulary = call.embedding == nullptr ? call.inputs : embedding.shape[0];
  return call;
}

// reverse, weights, states, finals, kept: a tuple each, with an entry for each direction.
void forward_face(nb::tuple fields, nb::tuple reverse, nb::tuple weights, nb::tuple states, nb::handle y,
                  nb::tuple finals, nb::tuple kept) {
  Arrays arrays;
  const LayerCall call = layer_call(arrays, fields);
  const Batch<float> y_out = arrays.output_batch(y, "y", call.packed());
  ForwardDirection directions[max_directions] = {};
  for (int d = 0; d < call.directions; ++d) {
    ForwardDirection& direction = directions[d];
    direction = given_direction<ForwardDirection>(arrays, d, reverse, weights, states);
    direction.hn = arrays.output(item(item(finals, d), 0), "finals");
    direction.cn = arrays.output(second(item(finals, d)), "finals");
    direction.kept = kept_out(arrays, item(kept, d));
  }
  arrays.check_overlap();
  const nb::gil_scoped_release others_may_run;
  forward(call, y_out, directions);
}

void backward_face(nb::tuple fields, nb::tuple reverse, nb::tuple weights, nb::tuple states, nb::handle y,
                   nb::tuple kept, nb::handle dy, nb::tuple dfinals, nb::handle dx, nb::tuple dstates,
                   nb::tuple dweights, nb::handle dembedding) {
  Arrays arrays;
  const LayerCall call = layer_call(arrays, fields);
  const Batch<const float> y_in = arrays.input_batch(y, "y", call.packed());
  const Batch<const float> dy_in = arrays.input_batch(dy, "dy", call.packed());
  const Batch<float> dx_out = arrays.output_batch(dx, "dx", call.packed());
  float* dembedding_out = arrays.output(dembedding, "dembedding");
  BackwardDirection directions[max_directions] = {};
  for (int d = 0; d < call.directions; ++d) {
    BackwardDirection& direction = directions[d];
    direction = given_direction<BackwardDirection>(arrays, d, reverse, weights, states);
    direction.kept = kept_in(arrays, item(kept, d));
    direction.dhn = arrays.input(item(item(dfinals, d), 0), "dfinals");
    direction.dcn = arrays.input(second(item(dfinals, d)), "dfinals");
    direction.dh0 = arrays.output(item(item(dstates, d), 0), "dstates");
    direction.dc0 = arrays.output(second(item(dstates, d)), "dstates");
    direction.gradients = gradients_out(arrays, item(dweights, d));
  }
  arrays.check_overlap();
  const nb::gil_scoped_release others_may_run;
  backward(call, y_in, dy_in, dx_out, dembedding_out, directions);
}

void init_packed(Packed* self, int kind, Index inputs, Index hidden, Index outputs, nb::tuple weights) {
  Arrays arrays;
  new (self)
      Packed(static_cast<Kind>(kind), Precision::float32, inputs, hidden, outputs, weights_in(arrays, weights), {});
}

void step_face(const Packed& packed, nb::handle x, nb::tuple state, nb::tuple out) {
  Arrays arrays;
  float* h_out = arrays.output(item(out, 0), "out");
  float* c_out = arrays.output(second(out), "out");
  const float* h = arrays.input_or(h_out, item(state, 0), "state");
  const float* c = arrays.input_or(c_out, second(state), "state");
  const Py_buffer& x_view = arrays.view(x, "x");
  arrays.check_overlap();
  const Index rows = x_view.shape[0], x_stride = x_view.strides[0] / x_view.itemsize;
  const auto step = [&] { packed.step(rows, static_cast<const float*>(x_view.buf), x_stride, h, c, h_out, c_out); };
  // A short step keeps the lock: whoever gives it up may wait milliseconds for its return.
  if (rows * packed.work() < 1'000'000) return step();
  const nb::gil_scoped_release others_may_run;
  step();
}

// A numpy array in the kernels' own memory, to which it returns when Python has done with it.
nb::ndarray<nb::numpy, float, nb::ndim<1>> empty(Index floats) {
  float* memory = allocate(floats);
  if (memory == nullptr) throw std::bad_alloc();
  const nb::capsule owner(memory, [](void* owned) noexcept { release(static_cast<float*>(owned)); });
  const std::size_t shape = static_cast<std::size_t>(floats);
  return {memory, {shape}, owner};
}

using Elementary = void (*)(const float* in, float* out, Index n);

void apply(Elementary function, nb::handle in, nb::handle out) {
  Arrays arrays;
  const float* from = arrays.input(in, "x");
  float* to = arrays.output(out, "out");
  const Py_buffer& view = arrays.view(in, "x");
  function(from, to, view.len / view.itemsize);
}

nb::tuple names_of_instruction_sets() {
  nb::list names;
  for (const Kernels* set : instruction_sets()) names.append(set->name);
  return nb::tuple(names);
}

}  // namespace
}  // namespace ostinato

NB_MODULE(_native, m) {
  using namespace ostinato;

  nb::register_exception_translator(
      [](const std::exception_ptr& error, void* input_error) {
        try {
          std::rethrow_exception(error);
        } catch (const InputError& e) {
          PyErr_SetString(static_cast<PyObject*>(input_error), e.what());
        }
      },
      nb::object(nb::module_::import_("ostinato._errors").attr("InputError")).release().ptr());

  m.def("forward", &forward_face);
  m.def("backward", &backward_face, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
        nb::arg(), nb::arg().none(), nb::arg(), nb::arg(), nb::arg().none());
  nb::class_<Packed>(m, "Packed").def("__init__", &init_packed).def("step", &step_face);
  bind_stack(m);
  bind_tensors(m);
  m.def("empty", &empty);
  m.def("allocations", &allocations);
  m.def("tanh", [](nb::handle x, nb::handle out) { apply(kernels().tanh, x, out); });
  m.def("sigmoid", [](nb::handle x, nb::handle out) { apply(kernels().sigmoid, x, out); });
  m.def("multiply_adds", [](Index rounds) {
    const nb::gil_scoped_release others_may_run;
    return kernels().multiply_adds(rounds);
  });
  m.def("instruction_sets", &names_of_instruction_sets);
  m.def("instruction_set", [] { return std::string(kernels().name); });
  m.def("use_instruction_set", &use_instruction_set);
}
