// Layers that learn from data before a model does, and those that take texts, which stand before models.
#include "bind.h"
#include "cornu/layers/text.h"

namespace cornu::python {
namespace {

std::vector<std::string> texts_from(nb::handle object) {
  std::vector<std::string> texts;
  if (nb::isinstance<nb::str>(object)) return {nb::cast<std::string>(object)};
  for (const nb::handle item : nb::hasattr(object, "tolist") ? nb::object(object.attr("tolist")()) : nb::borrow(object))
    texts.push_back(nb::cast<std::string>(PyBytes_Check(item.ptr()) ? nb::object(item.attr("decode")("utf-8")) : nb::borrow(item)));
  return texts;
}

nb::list listed(const std::vector<std::string>& words) {
  nb::list list;
  for (const std::string& w : words) list.append(w);
  return list;
}

/// The layer's own struct learns. A handle's struct is its own, and nobody has read it before the layer is called.
template <class T> bool adapt_if(const Layer& layer, const Tensor& data) {
  const T* own = layer.as<T>();
  if (own) const_cast<T*>(own)->adapt(data);
  return own != nullptr;
}

void adapt(const Layer& layer, nb::handle data) {
  const Tensor numbers = tensor_from(data);
  const bool done = adapt_if<Normalization>(layer, numbers) || adapt_if<Discretization>(layer, numbers) || adapt_if<IntegerLookup>(layer, numbers);
  require(done, "a layer of class ", layer.class_name(), " has nothing to adapt");
}

void set_function(TextVectorization& to, const char* name, nb::handle value) {
  const Reference f(value);
  if (std::string_view(name) == "standardize") {
    to.standardize = TextStandardize([f](const std::string& text) {
      const nb::gil_scoped_acquire gil;
      return nb::cast<std::string>(nb::str(f.get()(text)));
    });
  } else {
    to.split = TextSplit([f](const std::string& text) {
      const nb::gil_scoped_acquire gil;
      return texts_from(f.get()(text));
    });
  }
}

TextVectorization vectorization(nb::dict options) {
  nb::dict plain;
  for (const auto& [key, value] : options)
    if (!PyCallable_Check(value.ptr())) plain[key] = value;
  TextVectorization made = TextVectorization::from_config(config_from(plain));
  for (const auto& [key, value] : options)
    if (PyCallable_Check(value.ptr())) set_function(made, nb::str(key).c_str(), value);
  return made;
}

}  // namespace

void bind_preprocessing(nb::module_& m) {
  m.def("adapt", &adapt);
  nb::class_<TextVectorization>(m, "TextVectorization")
      .def("adapt", [](TextVectorization& t, nb::handle texts) { t.adapt(texts_from(texts)); })
      .def("call", [](const TextVectorization& t, nb::handle texts) { return to_numpy(t(texts_from(texts))); })
      .def("get_vocabulary", [](const TextVectorization& t) { return listed(t.get_vocabulary()); })
      .def("vocabulary_size", &TextVectorization::vocabulary_size)
      .def("config", [](const TextVectorization& t) { return to_python(t.get_config()); });
  m.def("text_vectorization", &vectorization);
  nb::class_<StringLookup>(m, "StringLookup")
      .def("adapt", [](StringLookup& t, nb::handle words) { t.adapt(texts_from(words)); })
      .def("call", [](const StringLookup& t, nb::handle words) { return to_numpy(t(texts_from(words))); })
      .def("inverse", [](const StringLookup& t, nb::handle indices) { return listed(t(tensor_from(indices).cast(DType::int64))); })
      .def("get_vocabulary", [](const StringLookup& t) { return listed(t.get_vocabulary()); })
      .def("config", [](const StringLookup& t) { return to_python(t.get_config()); });
  m.def("string_lookup", [](nb::handle options) { return StringLookup::from_config(config_from(options)); });
  m.def("text_options", [] { return nb::make_tuple(to_python(TextVectorization{}.get_config()), to_python(StringLookup{}.get_config())); });
  m.def("get_vocabulary", [](const Layer& layer) {
    const auto* lookup = layer.as<IntegerLookup>();
    require(lookup != nullptr, "a layer of class ", layer.class_name(), " has no vocabulary");
    nb::list list;
    for (const int64_t token : lookup->get_vocabulary()) list.append(token);
    return list;
  });
}

}  // namespace cornu::python
