// Images transformed and resampled as Keras does: tests/golden/image.json.
#include <doctest/doctest.h>

#include "cornu/layers/image_resizing.h"
#include "cornu/layers/image_transform.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor numbers(const Config& c) { return tensor(c, DType::float32); }
Tensor transformed(const Tensor& images, const Tensor& maps, const Fill& fill, DType dtype = DType::float32) {
  return run({images.cast(dtype), maps.cast(dtype)}, [&](const std::vector<Value>& in) { return std::vector<Value>{affine_transform(in[0], in[1], fill)}; })[0];
}
Fill fill_of(const Config& c) {
  Fill fill;
  from_config(c["fill_mode"], fill.mode);
  if (!c["interpolation"].is_null()) from_config(c["interpolation"], fill.interpolation);
  fill.value = c["fill_value"].is_null() ? 0 : c["fill_value"].as_double();
  return fill;
}

}  // namespace

TEST_CASE("affine_transform sees images as Keras does, in every fill mode and interpolation") {
  const Config all = golden("image.json");
  for (const auto& [images, cases] : {std::pair("images", "affine"), std::pair("thin", "affine_thin")})
    for (const Config& c : all[cases].as_list()) {
      CAPTURE(images);
      CAPTURE(text(c["fill_mode"], " ", c["interpolation"], " ", c["fill_value"]));
      const Tensor ours = transformed(numbers(all[images]), numbers(all["transforms"]), fill_of(c)), theirs = numbers(c["output"]);
      REQUIRE(ours.shape() == theirs.shape());
      for (int64_t i = 0; i < ours.shape()[0]; ++i) {
        CAPTURE(i);
        CHECK(difference(ours.rows(i, i + 1), theirs.rows(i, i + 1)) < 1e-5);
      }
    }
}

TEST_CASE("the maps of rotations, zooms and translations are Keras's") {
  const Config m = golden("image.json")["matrices"];
  const int64_t height = m["height"].as_int(), width = m["width"].as_int();
  const auto column = [](Value v, int64_t i) { return slice(v, {0, i}, {v.dim(0), i + 1}); };
  const Tensors ours = run({numbers(m["angles"]), numbers(m["zoom"]), numbers(m["moved"])}, [&](const std::vector<Value>& in) {
    return std::vector<Value>{rotations(reshape(in[0], {in[0].dim(0), 1}), height, width), zooms(column(in[1], 0), column(in[1], 1), height, width), translations(column(in[2], 0), column(in[2], 1))};
  });
  CHECK(difference(ours[0], numbers(m["rotations"])) < 1e-5);
  CHECK(difference(ours[1], numbers(m["zooms"])) < 1e-6);
  CHECK(difference(ours[2], numbers(m["translations"])) < 1e-6);
}

TEST_CASE("a gradient flows through a transformed image into its pixels") {
  const Config all = golden("image.json");
  const Tensor images = tensor(all["images"]), maps = tensor(all["transforms"]);
  std::mt19937 rng(3);
  for (const FillMode mode : {FillMode::constant, FillMode::reflect, FillMode::wrap, FillMode::nearest})
    CHECK(gradient_error({images}, [&](const std::vector<Value>& in) { return std::vector<Value>{affine_transform(in[0], in[0].graph->constant(maps), {mode})}; }, rng) < 1e-8);
}

TEST_CASE("resampling by area, and smart_resize, are Keras's") {
  const Config all = golden("image.json");
  for (const auto& [name, area] : {std::pair("area", true), std::pair("smart_resize", false)})
    for (const Config& c : all[name].as_list()) {
      CAPTURE(name);
      CAPTURE(text(c["size"]));
      const int64_t height = c["size"].as_list()[0].as_int(), width = c["size"].as_list()[1].as_int();
      const Tensor ours = run({numbers(all["wide"])}, [&](const std::vector<Value>& in) { return std::vector<Value>{area ? resize_images(in[0], height, width, "area") : crop_and_resize(in[0], height, width)}; })[0];
      CHECK(difference(ours, numbers(c["output"])) < 1e-5);
    }
}
