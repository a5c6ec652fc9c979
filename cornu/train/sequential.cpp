#include "cornu/train/model_state.h"

namespace cornu {
namespace {

// The weights that there are stay; a new layer's are made at once if the input's shape is known, else by the first data.
void layers_changed(Model::State& s) {
  s.output_shapes.clear();
  s.forget_programs();
  if (!s.wiring->layers().empty()) build_if_input_is_known(s);
}

}  // namespace

Sequential::Sequential() : Model(std::string()) {}
Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;
Sequential& Sequential::operator=(Sequential&&) noexcept = default;

Sequential::Sequential(Model&& model) : Model(std::move(model)) {
  require<UnsupportedError>(state().wiring->class_name() == "Sequential", "the model '", name(), "' is a ", state().wiring->class_name(), " and no Sequential; hold it as a Model");
}

Sequential::Sequential(const std::vector<Layer>& layers, std::string name) : Model(std::move(name)) {
  for (const Layer& layer : layers) add(layer);
}

void Sequential::add(Layer layer) {
  State& s = state();
  s.chain().add(std::move(layer));
  layers_changed(s);
}

Layer Sequential::pop() {
  State& s = state();
  require(!s.wiring->names().empty(), "there is no layer to pop");
  const std::string name = s.wiring->names().back();
  Layer last = s.chain().pop();
  for (const Variable& v : s.variables)
    if (v.layer == name || v.layer.starts_with(name + "/")) s.store.remove(v.path);
  layers_changed(s);
  return last;
}

}  // namespace cornu
