#include "cornu/layers/pooling.h"

#include "cornu/layers/core.h"
#include "cornu/layers/spatial.h"
#include "cornu/nn/define_layer.h"

namespace cornu {
namespace {

template <class L, int N> Window window_of(const L& layer, const PerAxis<N>& pool_size, Value x, const Scope& scope) {
  const spatial::Speaker s = spatial::speaker(scope, L::class_name, x, N);
  require(pool_size.is_given(), s.where(), " needs a pool_size");
  const auto size = pool_size.list(), strides = layer.strides.is_given() ? layer.strides.list() : size;
  spatial::check_sizes(s, "pool_size", size), spatial::check_sizes(s, "strides", strides);
  const auto pads = spatial::padding_for(s, spatial::padding_named(s, layer.padding), s.sizes(), size, strides);
  return {size, strides, pads.before, pads.after};
}

/// All axes between the batch and the channels. Throws ShapeError where they hold nothing.
std::vector<int64_t> spatial_axes(const spatial::Speaker& s) {
  std::vector<int64_t> axes;
  for (int64_t a = 1; a < s.in.rank() - 1; ++a) axes.push_back(a);
  require<ShapeError>(Shape(s.sizes()).elements() > 0, s.where(), " was given ", s.in, ", which has no positions to choose from");
  return axes;
}

}  // namespace

template <int N> Value MaxPool<N>::operator()(Value x, Scope& scope) const {
  const Window window = window_of(*this, pool_size, x, scope);
  return max_pooling(computable(x, scope), window);
}

template <int N> Value AveragePool<N>::operator()(Value x, Scope& scope) const {
  const Window window = window_of(*this, pool_size, x, scope);
  return average_pooling(computable(x, scope), window);
}

template <int N> Value GlobalMaxPool<N>::operator()(Value x, Scope& scope) const {
  const auto axes = spatial_axes(spatial::speaker(scope, class_name, x, N));
  return max(computable(x, scope), axes, keepdims);
}

template <int N> Value GlobalAveragePool<N>::operator()(Value x, Scope& scope) const {
  const auto axes = spatial_axes(spatial::speaker(scope, class_name, x, N));
  Value numbers = computable(x, scope);
  const auto mask = N == 1 ? scope.mask(x) : std::nullopt;
  if (!mask) return mean(numbers, axes, keepdims);
  // A step that does not count may hold anything, NaN too.
  const Value counts = reshape(*mask, mask->shape() + Shape{1});
  numbers = select(counts, numbers, scalar(numbers, 0));
  return sum(numbers, axes, keepdims) / sum(cast(counts, numbers.dtype()), axes, keepdims);
}

template struct MaxPool<1>;
template struct MaxPool<2>;
template struct MaxPool<3>;
template struct AveragePool<1>;
template struct AveragePool<2>;
template struct AveragePool<3>;
template struct GlobalMaxPool<1>;
template struct GlobalMaxPool<2>;
template struct GlobalMaxPool<3>;
template struct GlobalAveragePool<1>;
template struct GlobalAveragePool<2>;
template struct GlobalAveragePool<3>;
CORNU_DEFINE_LAYER(MaxPooling1D)
CORNU_DEFINE_LAYER(MaxPooling2D)
CORNU_DEFINE_LAYER(MaxPooling3D)
CORNU_DEFINE_LAYER(AveragePooling1D)
CORNU_DEFINE_LAYER(AveragePooling2D)
CORNU_DEFINE_LAYER(AveragePooling3D)
CORNU_DEFINE_LAYER(GlobalMaxPooling1D)
CORNU_DEFINE_LAYER(GlobalMaxPooling2D)
CORNU_DEFINE_LAYER(GlobalMaxPooling3D)
CORNU_DEFINE_LAYER(GlobalAveragePooling1D)
CORNU_DEFINE_LAYER(GlobalAveragePooling2D)
CORNU_DEFINE_LAYER(GlobalAveragePooling3D)

}  // namespace cornu
