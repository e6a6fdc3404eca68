#include "arrays.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace ostinato {
namespace {

// From an array's first byte to past its last, whatever its strides.
struct Span {
  std::uintptr_t begin, end;
  const char* name;
  bool written;
};

Span span_of(const Py_buffer& view, const char* name, bool written) {
  const auto data = reinterpret_cast<std::uintptr_t>(view.buf);
  Span span{data, data + view.itemsize, name, written};
  for (int i = 0; i < view.ndim; ++i) {
    if (view.shape[i] == 0) return {data, data, name, written};
    const Py_ssize_t reach = (view.shape[i] - 1) * view.strides[i];
    (reach < 0 ? span.begin : span.end) += reach;
  }
  return span;
}

}  // namespace

const Py_buffer& Arrays::open(nanobind::handle array, const char* name, bool written) {
  static const Py_buffer nothing{};
  if (array.is_none()) return nothing;
  Held held{{}, name, written};
  if (PyObject_GetBuffer(array.ptr(), &held.view, written ? PyBUF_STRIDED : PyBUF_STRIDED_RO) != 0) {
    throw nanobind::python_error();
  }
  held_.push_back(held);
  return held_.back().view;
}

const float* Arrays::input_or(const float* output, nanobind::handle array, const char* name) {
  const float* data = input(array, name);
  if (data == output && data != nullptr) {
    PyBuffer_Release(&held_.back().view);
    held_.pop_back();
  }
  return data;
}

void Arrays::check_overlap() const {
  std::vector<Span> spans;
  spans.reserve(held_.size());
  for (const Held& array : held_) {
    const Span span = span_of(array.view, array.name, array.written);
    if (span.begin < span.end) spans.push_back(span);
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  // Of all the spans so far, and of those written, the one that reaches furthest.
  const Span none{0, 0, "", false};
  const Span *furthest = &none, *furthest_written = &none;
  for (const Span& span : spans) {
    const Span& other = span.written ? *furthest : *furthest_written;
    if (span.begin < other.end) {
      const Span& output = span.written ? span : other;
      const Span& victim = span.written ? other : span;
      const std::string message = std::string(output.name) + " overlaps " + victim.name;
      throw nanobind::value_error((message + " in memory: give each output an array of its own").c_str());
    }
    if (span.end > furthest->end) furthest = &span;
    if (span.written && span.end > furthest_written->end) furthest_written = &span;
  }
}

}  // namespace ostinato
