// What model.summary() prints: the rows and totals of the table.
#include "cornu/train/model_state.h"
#include "cornu/train/summary.h"

namespace cornu {
namespace {

std::string shapes_text(const std::vector<Shape>& shapes) {
  if (shapes.size() == 1) return keras_shape(shapes[0]);
  std::string s = "[";
  for (const Shape& shape : shapes) s += (s.size() > 1 ? ", " : "") + keras_shape(shape);
  return s + "]";
}

struct Rows {
  const ModelNow* now;  // null for a model that is not built
  bool expand_nested;
  std::vector<SummaryRow> rows = {};

  void add(const Wiring::Entry& entry, const std::string& around, int level) {
    const std::string path = around + entry.name;
    SummaryRow row{.name = entry.name, .class_name = std::string(entry.layer.class_name()), .level = level};
    if (!entry.connected_to.empty() && level == 0) {
      row.connected_to.clear();
      for (const std::string& from : entry.connected_to) row.connected_to += (row.connected_to.empty() ? "" : ", ") + from;
    }
    if (now) {
      if (const auto found = now->outputs.find(path); found != now->outputs.end()) row.output_shape = shapes_text(found->second);
      row.params = 0;
      bool weights = false;
      for (const Variable& v : now->variables)
        for (const WeightOwner& owner : v.owners)
          if (owner.weights == entry.layer.weights()) *row.params += v.type.shape.elements(), weights = true;
      if (weights) row.trainable = entry.layer.trainable();
    }
    rows.push_back(std::move(row));
    const auto nested = wiring_of(entry.layer);
    if (!nested || !expand_nested) return;
    for (size_t i = 0; i < nested->layers().size(); ++i) add({nested->names()[i], nested->layers()[i]}, path + "/", level + 1);
  }
};

}  // namespace

std::string Model::summary_text(const SummaryOptions& options) const {
  const State& s = *state_;
  std::optional<ModelNow> now;
  if (built()) now = model_now(s);
  Rows rows{now ? &*now : nullptr, options.expand_nested};
  for (const Wiring::Entry& entry : s.wiring->entries()) rows.add(entry, "", 0);

  Summary summary{.model_name = s.name, .rows = std::move(rows.rows), .is_graph = s.wiring->is_graph()};
  if (now)
    for (const Variable& v : now->variables) {
      SummaryCount& count = v.trainable ? summary.trainable : summary.non_trainable;
      count.params += v.type.shape.elements();
      count.bytes += static_cast<int64_t>(v.type.bytes());
    }
  if (s.has_slots) {
    summary.optimizer = SummaryCount{};
    for (const OptimizerVariable& v : optimizer_variables(s)) {
      summary.optimizer->params += v.type.shape.elements();
      summary.optimizer->bytes += static_cast<int64_t>(v.type.bytes());
    }
  }
  return cornu::summary_text(summary, options);
}

void Model::summary(SummaryOptions options) const {
  Console& console = standard_console();
  options.columns = console.columns();
  options.colors = console.is_terminal() ? console.colors() : 0;
  console.print(summary_text(options));
}

}  // namespace cornu
