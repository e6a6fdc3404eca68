#include "tensors.h"

namespace nb = nanobind;

namespace ostinato {

// As DLPack 1 lays it down; what is not called has no type here.
struct Tensors::Interface {
  std::uint32_t major, minor;
  const void* older;
  void* allocate;
  void* owner_of_object;
  void* to_object;
  int (*from_object)(void* object, Tensor* out);
};

Tensors::Tensors(nb::handle interface) {
  if (!interface.is_none()) {
    interface_ = static_cast<const Interface*>(PyCapsule_GetPointer(interface.ptr(), "dlpack_exchange_api"));
    if (interface_ == nullptr) throw nb::python_error();
  }
  require(interface_ != nullptr && interface_->major == 1 && interface_->from_object != nullptr);
}

Tensor Tensors::read(nb::handle object) {
  Tensor tensor{};
  if (fit_ && interface_->from_object(object.ptr(), &tensor) != 0) {
    PyErr_Clear();
    fit_ = false;
  }
  return tensor;
}

float* Tensors::floats(nb::handle object, Shape shape) {
  if (object.is_none()) return nullptr;
  const Tensor tensor = read(object);
  require(tensor.is_float32() && has(tensor, shape, shape.size()));
  return fit_ ? static_cast<float*>(tensor.data) : nullptr;
}

const Index* Tensors::whole_numbers(nb::handle object, Shape shape) {
  if (object.is_none()) return nullptr;
  const Tensor tensor = read(object);
  require(tensor.is_int64() && has(tensor, shape, shape.size()));
  return fit_ ? static_cast<const Index*>(tensor.data) : nullptr;
}

Batch<float> Tensors::vectors(nb::handle object, Shape shape) {
  if (object.is_none()) return {};
  const Tensor tensor = read(object);
  require(tensor.is_float32() && has(tensor, shape, 1));
  if (!fit_) return {};
  return {static_cast<float*>(tensor.data), tensor.strides[0], tensor.strides[shape.size() - 2]};
}

bool Tensors::has(const Tensor& tensor, Shape shape, std::size_t dense_dimensions) const {
  if (!fit_ || static_cast<std::size_t>(tensor.dimensions) != shape.size()) return false;
  Index stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    const Index size = shape.begin()[i];
    const bool dense = shape.size() - i <= dense_dimensions;
    if (tensor.shape[i] != size || (dense && size > 1 && tensor.strides[i] != stride)) return false;
    stride *= size;
  }
  return true;
}

}  // namespace ostinato
