// Tensors of another library, read by DLPack's exchange interface: an address and a shape, no array object in between.
#pragma once

#include <nanobind/nanobind.h>

#include <initializer_list>

#include "layer.h"

namespace ostinato {

// A tensor as DLPack 1 lays it down.
struct Tensor {
  void* data;
  std::int32_t device, device_id;
  std::int32_t dimensions;
  std::uint8_t type, bits;
  std::uint16_t lanes;
  const std::int64_t* shape;
  const std::int64_t* strides;  // in elements
  std::uint64_t byte_offset;

  bool is_float32() const { return is(2, 32); }
  bool is_int64() const { return is(0, 64); }

 private:
  bool is(std::uint8_t type_due, std::uint8_t bits_due) const {
    return device == 1 && type == type_due && bits == bits_due && lanes == 1 && byte_offset == 0;
  }
};

// Those of one call. If one is not exactly what is due, the call is unfit, and what is read is null.
class Tensors {
 public:
  using Shape = std::initializer_list<Index>;

  // interface: the tensor type's `__dlpack_c_exchange_api__`, or None.
  explicit Tensors(nanobind::handle interface);

  bool fit() const { return fit_; }
  void require(bool condition) { fit_ = fit_ && condition; }

  Tensor read(nanobind::handle object);

  // Of this shape and dense; null for None.
  float* floats(nanobind::handle object, Shape shape);
  const Index* whole_numbers(nanobind::handle object, Shape shape);

  // Vectors, (T, B, ·) or packed (N, ·), each of them dense; null for None.
  Batch<float> vectors(nanobind::handle object, Shape shape);

 private:
  struct Interface;

  bool has(const Tensor&, Shape shape, std::size_t dense_dimensions) const;

  const Interface* interface_ = nullptr;
  bool fit_ = true;
};

}  // namespace ostinato
