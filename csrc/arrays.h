// The numpy arrays of one call: opened, held until it ends, and looked over for outputs that overlap. Their dtypes,
// shapes and layouts have been checked by the numpy face. None is null.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "layer.h"

namespace ostinato {

class Arrays {
 public:
  Arrays() { held_.reserve(64); }
  Arrays(const Arrays&) = delete;
  Arrays& operator=(const Arrays&) = delete;
  ~Arrays() {
    for (Held& array : held_) PyBuffer_Release(&array.view);
  }

  // `name` is what messages call the array.
  const Py_buffer& view(nanobind::handle array, const char* name) { return open(array, name, false); }

  template <class T = float>
  const T* input(nanobind::handle array, const char* name) {
    return static_cast<const T*>(open(array, name, false).buf);
  }

  float* output(nanobind::handle array, const char* name) { return static_cast<float*>(open(array, name, true).buf); }

  template <class T = float>
  Batch<const T> input_batch(nanobind::handle array, const char* name, bool packed) {
    return batch<const T>(open(array, name, false), packed);
  }

  Batch<float> output_batch(nanobind::handle array, const char* name, bool packed) {
    return batch<float>(open(array, name, true), packed);
  }

  // As `input`; but if it is the output itself, in place, it is not looked over a second time.
  const float* input_or(const float* output, nanobind::handle array, const char* name);

  // Raises ValueError if an output shares memory with anything else.
  void check_overlap() const;

 private:
  struct Held {
    Py_buffer view;
    const char* name;
    bool written;
  };

  const Py_buffer& open(nanobind::handle array, const char* name, bool written);

  template <class T>
  static Batch<T> batch(const Py_buffer& view, bool packed) {
    if (view.buf == nullptr) return {};
    return {static_cast<T*>(view.buf), view.strides[0] / view.itemsize, view.strides[packed ? 0 : 1] / view.itemsize};
  }

  std::vector<Held> held_;
};

}  // namespace ostinato
