#include "stack.h"

#include <cstring>

namespace ostinato {

Stack::Stack(Kind kind, Precision precision, Index inputs, Index hidden, Index outputs,
             const std::vector<StackLayer>& layers)
    : inputs_(inputs), hidden_(hidden), outputs_(outputs), has_c_(kind == Kind::lstm) {
  for (const StackLayer& layer : layers) {
    const Index width = layers_.empty() ? inputs : outputs;
    layers_.push_back(std::make_unique<Packed>(kind, precision, width, hidden, outputs, layer.weights, layer.scales));
  }
}

Index Stack::work() const {
  Index sum = 0;
  for (const auto& layer : layers_) sum += layer->work();
  return sum;
}

void Stack::step(Index rows, const float* x, Index x_stride, const float* h, const float* c, float* h_out, float* c_out,
                 float* y) const {
  for (const auto& layer : layers_) {
    layer->step(rows, x, x_stride, h, c, h_out, c_out);
    x = h_out;
    x_stride = outputs_;
    h += rows * outputs_;
    h_out += rows * outputs_;
    if (has_c_) {
      c += rows * hidden_;
      c_out += rows * hidden_;
    }
  }
  std::memcpy(y, x, rows * outputs_ * sizeof(float));
}

}  // namespace ostinato
