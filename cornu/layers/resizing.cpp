#include "cornu/layers/resizing.h"

#include <algorithm>
#include <array>

#include "cornu/layers/core.h"
#include "cornu/layers/image_resizing.h"
#include "cornu/layers/spatial.h"
#include "cornu/nn/define_layer.h"

namespace cornu {
namespace {

/// Each position of every spatial axis as often as `times` says.
Value repeated(Value x, const std::vector<int64_t>& times) {
  Shape apart = {x.dim(0)}, stretched = {x.dim(0)}, together = {x.dim(0)};
  for (size_t a = 0; a < times.size(); ++a) {
    const int64_t size = x.shape()[static_cast<int>(a) + 1];
    apart = apart + Shape{size, 1}, stretched = stretched + Shape{size, times[a]}, together.push_back(Shape{size, times[a]}.elements());
  }
  const Shape channels = {x.dim(-1)};
  return reshape(broadcast_to(reshape(x, apart + channels), stretched + channels), together + channels);
}

void check_margins(const spatial::Speaker& s, std::string_view what, const Margin& m, const Config& all) {
  require(m.before >= 0 && m.after >= 0, s.where(), "'s ", what, " cannot be negative, and was given as ", all);
}

}  // namespace

Value UpSampling1D::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, 1);
  spatial::check_sizes(s, "size", {size});
  return repeated(x, {size});
}

Value UpSampling2D::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, 2);
  spatial::check_sizes(s, "size", size.list());
  if (interpolation == "nearest") return repeated(x, size.list());
  constexpr std::array<std::string_view, 5> known = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"};
  require(std::find(known.begin(), known.end(), interpolation) != known.end(), s.where(), " can interpolate by 'nearest', 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5', and was given '",
          printable(interpolation), "'", did_you_mean(interpolation, known));
  return resize_images(computable(x, scope), x.dim(1) * size[0], x.dim(2) * size[1], interpolation);
}

Value UpSampling3D::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, 3);
  spatial::check_sizes(s, "size", size.list());
  return repeated(x, size.list());
}

template <int N> Value ZeroPadding<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  std::vector<int64_t> before = {0}, after = {0};
  for (int a = 0; a < N; ++a) {
    check_margins(s, "padding", padding[a], padding.config());
    before.push_back(padding[a].before), after.push_back(padding[a].after);
  }
  before.push_back(0), after.push_back(0);
  return pad(x, before, after);
}

template <int N> Value Cropping<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  std::vector<int64_t> begin = {0}, end = {x.dim(0)};
  for (int a = 0; a < N; ++a) {
    check_margins(s, "cropping", cropping[a], cropping.config());
    begin.push_back(cropping[a].before), end.push_back(x.shape()[a + 1] - cropping[a].after);
    require<ShapeError>(begin.back() < end.back(), s.where(), " would leave nothing of ", s.in, ": its cropping is ", cropping.config());
  }
  begin.push_back(0), end.push_back(x.dim(-1));
  return slice(x, begin, end);
}

template struct ZeroPadding<1>;
template struct ZeroPadding<2>;
template struct ZeroPadding<3>;
template struct Cropping<1>;
template struct Cropping<2>;
template struct Cropping<3>;
CORNU_DEFINE_LAYER(UpSampling1D)
CORNU_DEFINE_LAYER(UpSampling2D)
CORNU_DEFINE_LAYER(UpSampling3D)
CORNU_DEFINE_LAYER(ZeroPadding1D)
CORNU_DEFINE_LAYER(ZeroPadding2D)
CORNU_DEFINE_LAYER(ZeroPadding3D)
CORNU_DEFINE_LAYER(Cropping1D)
CORNU_DEFINE_LAYER(Cropping2D)
CORNU_DEFINE_LAYER(Cropping3D)

}  // namespace cornu
