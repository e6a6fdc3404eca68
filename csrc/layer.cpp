#include "layer.h"

#include <new>

#include "dispatch.h"
#include "plan.h"
#include "tokens.h"

namespace ostinato {
namespace {

Schedule schedule_of(const LayerCall& call) {
  if (call.packed()) return packed_schedule(call.batch_sizes, call.steps, call.rows);
  if (call.lengths != nullptr) return ragged_schedule(call.lengths, call.steps, call.rows);
  return dense_schedule(call.steps, call.rows);
}

// What a Layer points to.
class Prepared {
 public:
  explicit Prepared(const LayerCall& call) : call_(call), schedule_(schedule_of(call)) {
    if (call.x.data != nullptr) {
      x_ = places(call.x);
    } else {
      tokens_ = token_table(schedule_.plan(), call.ids.data, places(call.ids), call.vocabulary);
    }
  }

  template <class T>
  Places places(const Batch<T>& batch) const {
    if (call_.packed()) return packed_places(schedule_, batch.row_stride);
    return padded_places(schedule_, batch.step_stride, batch.row_stride);
  }

  Layer layer() const {
    const Tokens tokens{call_.x.data == nullptr ? tokens_.of.data() : nullptr, tokens_.used.data(),
                        static_cast<Index>(tokens_.used.size()), call_.embedding};
    return {call_.kind,    call_.inputs,     call_.hidden,
            call_.outputs, schedule_.plan(), {call_.x.data, x_.step.data(), x_.row.data()},
            tokens,        call_.directions, call_.threads};
  }

  void zero_padding(const Batch<float>& batch, Index width) const {
    if (batch.data == nullptr || call_.packed()) return;
    ostinato::zero_padding(schedule_, batch.data, batch.step_stride, batch.row_stride, width);
  }

 private:
  const LayerCall& call_;
  Schedule schedule_;
  Places x_;
  TokenTable tokens_;
};

}  // namespace

void forward(const LayerCall& call, Batch<float> y, ForwardDirection* directions) {
  const Prepared prepared(call);
  const Places places = prepared.places(y);
  for (int d = 0; d < call.directions; ++d) {
    directions[d].y = {y.data + d * call.outputs, places.step.data(), places.row.data()};
  }
  if (!kernels().forward(prepared.layer(), directions)) throw std::bad_alloc();
  prepared.zero_padding(y, call.directions * call.outputs);
}

void backward(const LayerCall& call, Batch<const float> y, Batch<const float> dy, Batch<float> dx, float* dembedding,
              BackwardDirection* directions) {
  const Prepared prepared(call);
  const Places y_places = prepared.places(y), dy_places = prepared.places(dy), dx_places = prepared.places(dx);
  for (int d = 0; d < call.directions; ++d) {
    directions[d].y = {y.data + d * call.outputs, y_places.step.data(), y_places.row.data()};
    directions[d].dy = {dy.data + d * call.outputs, dy_places.step.data(), dy_places.row.data()};
  }
  const Sequence dx_sequence{dx.data, dx_places.step.data(), dx_places.row.data()};
  if (!kernels().backward(prepared.layer(), directions, dx_sequence, dembedding, call.vocabulary)) {
    throw std::bad_alloc();
  }
  prepared.zero_padding(dx, call.inputs);
}

}  // namespace ostinato
