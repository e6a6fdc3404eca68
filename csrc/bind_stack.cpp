// A step may take a microsecond; so its arguments are read here as numpy has them, without a detour through Python.
// What does not fit is not told from here: the numpy face looks at it again, and says what is wrong.
#include "bind_stack.h"

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/ndarraytypes.h>

#include <cstdint>
#include <new>

#include "arrays.h"
#include "stack.h"

namespace nb = nanobind;

namespace ostinato {
namespace {

// numpy's own objects, for as long as the process lives.
PyTypeObject* ndarray;
const PyArray_Descr* float32;

// An aligned array of float32, of numpy's own type; or null.
PyArrayObject* floats(PyObject* object) {
  if (Py_TYPE(object) != ndarray) return nullptr;
  PyArrayObject* array = reinterpret_cast<PyArrayObject*>(object);
  return PyArray_DESCR(array) == float32 && (PyArray_FLAGS(array) & NPY_ARRAY_ALIGNED) != 0 ? array : nullptr;
}

float* data(PyArrayObject* array) { return static_cast<float*>(PyArray_DATA(array)); }

// The data of a dense (layers, rows, width) array, or null if it is another.
float* state_array(PyObject* object, Index layers, Index rows, Index width, int flags) {
  PyArrayObject* array = floats(object);
  if (array == nullptr || PyArray_NDIM(array) != 3 || (PyArray_FLAGS(array) & flags) != flags) return nullptr;
  const npy_intp* shape = PyArray_DIMS(array);
  return shape[0] == layers && shape[1] == rows && shape[2] == width ? data(array) : nullptr;
}

bool apart(const float* a, Index a_floats, const float* b, Index b_floats) {
  return a + a_floats <= b || b + b_floats <= a;
}

struct StepArguments {
  Index rows;
  const float* x;
  Index x_stride;
  const float *h, *c;
  float *h_out, *c_out, *y;
};

// x (I) or (rows, I), whose rows may lie apart. The arguments as far as they follow from it.
bool read_input(const Stack& stack, PyObject* object, StepArguments& to) {
  PyArrayObject* x = floats(object);
  if (x == nullptr || PyArray_NDIM(x) < 1 || PyArray_NDIM(x) > 2) return false;
  const int last = PyArray_NDIM(x) - 1;
  const npy_intp *shape = PyArray_DIMS(x), *strides = PyArray_STRIDES(x);
  if (shape[last] != stack.inputs() || (strides[last] != sizeof(float) && shape[last] != 1)) return false;
  to.x = data(x);
  to.rows = last == 0 ? 1 : shape[0];
  to.x_stride = last == 0 ? 0 : strides[0] / static_cast<npy_intp>(sizeof(float));
  return to.rows > 0 && to.x_stride >= 0;
}

// y, of as many dimensions as x.
bool read_output(const Stack& stack, PyObject* object, PyObject* x, StepArguments& to) {
  PyArrayObject* y = floats(object);
  if (y == nullptr || (PyArray_FLAGS(y) & NPY_ARRAY_CARRAY) != NPY_ARRAY_CARRAY) return false;
  const int ndim = PyArray_NDIM(reinterpret_cast<PyArrayObject*>(x));
  const npy_intp* shape = PyArray_DIMS(y);
  if (PyArray_NDIM(y) != ndim || shape[ndim - 1] != stack.outputs() || (ndim == 2 && shape[0] != to.rows)) return false;
  to.y = data(y);
  return true;
}

// (h,) or (h, c); flags: what the arrays must be.
bool read_state(const Stack& stack, PyObject* state, Index rows, int flags, float*& h, float*& c) {
  if (!PyTuple_CheckExact(state) || PyTuple_GET_SIZE(state) != 1 + stack.has_c()) return false;
  h = state_array(PyTuple_GET_ITEM(state, 0), stack.layers(), rows, stack.outputs(), flags);
  c = nullptr;
  if (stack.has_c()) {
    c = state_array(PyTuple_GET_ITEM(state, 1), stack.layers(), rows, stack.hidden(), flags);
    return h != nullptr && c != nullptr;
  }
  return h != nullptr;
}

// Whether no output lies where something else does; a new state may be the old one.
bool outputs_apart(const Stack& stack, const StepArguments& a) {
  const Index h = stack.layers() * a.rows * stack.outputs(), c = stack.layers() * a.rows * stack.hidden();
  const Index x = (a.rows - 1) * a.x_stride + stack.inputs(), y = a.rows * stack.outputs();
  const bool h_fits = apart(a.h_out, h, a.x, x) && apart(a.h_out, h, a.y, y) && apart(a.y, y, a.x, x) &&
                      apart(a.y, y, a.h, h) && (a.h == a.h_out || apart(a.h_out, h, a.h, h));
  if (!h_fits || !stack.has_c()) return h_fits;
  return apart(a.c_out, c, a.x, x) && apart(a.c_out, c, a.y, y) && apart(a.c_out, c, a.h, h) &&
         apart(a.c_out, c, a.h_out, h) && apart(a.y, y, a.c, c) && apart(a.h_out, h, a.c, c) &&
         (a.c == a.c_out || apart(a.c_out, c, a.c, c));
}

// Fills out, (y, (h,)) or (y, (h, c)); false if the arguments do not fit as they are.
bool step_face(const Stack& stack, nb::handle x, nb::handle state, nb::handle out) {
  StepArguments a{};
  if (!PyTuple_CheckExact(out.ptr()) || PyTuple_GET_SIZE(out.ptr()) != 2) return false;
  if (!read_input(stack, x.ptr(), a) || !read_output(stack, PyTuple_GET_ITEM(out.ptr(), 0), x.ptr(), a)) return false;
  float *h, *c;
  if (!read_state(stack, state.ptr(), a.rows, NPY_ARRAY_C_CONTIGUOUS, h, c)) return false;
  if (!read_state(stack, PyTuple_GET_ITEM(out.ptr(), 1), a.rows, NPY_ARRAY_CARRAY, a.h_out, a.c_out)) return false;
  a.h = h;
  a.c = c;
  if (!outputs_apart(stack, a)) return false;
  const auto step = [&] { stack.step(a.rows, a.x, a.x_stride, a.h, a.c, a.h_out, a.c_out, a.y); };
  // A short step keeps the lock: whoever gives it up may wait milliseconds for its return.
  if (a.rows * stack.work() < 1'000'000) {
    step();
  } else {
    const nb::gil_scoped_release others_may_run;
    step();
  }
  return true;
}

// layers: of each its weights, then the scales of the two matrices, or None.
void init_stack(Stack* self, int kind, int precision, Index inputs, Index hidden, Index outputs, nb::tuple layers) {
  Arrays arrays;
  std::vector<StackLayer> given;
  for (nb::handle layer : layers) {
    const auto w = [&](int i) { return arrays.input(PyTuple_GET_ITEM(layer.ptr(), i), "weights"); };
    given.push_back({{w(0), w(1), w(2), w(3), w(4)}, {w(5), w(6)}});
  }
  new (self) Stack(static_cast<Kind>(kind), static_cast<Precision>(precision), inputs, hidden, outputs, given);
}

}  // namespace

void bind_stack(nb::module_& m) {
  const nb::object numpy = nb::module_::import_("numpy");
  ndarray = reinterpret_cast<PyTypeObject*>(nb::object(numpy.attr("ndarray")).release().ptr());
  float32 = reinterpret_cast<PyArray_Descr*>(nb::object(numpy.attr("dtype")("float32")).release().ptr());
  nb::class_<Stack>(m, "Stack").def("__init__", &init_stack).def("step", &step_face);
}

}  // namespace ostinato
