#include "cornu/graph/text.h"

#include <charconv>
#include <map>
#include <set>

#include "cornu/base/error.h"

namespace cornu {
namespace {

// ---- printing

bool is_scalar_constant(const Node& n) { return n.kind == Node::Kind::constant && n.constant->shape().empty(); }

class Printer {
 public:
  explicit Printer(const Graph& graph) : graph_(graph) {}

  std::string print() {
    for (int i = 0; i < graph_.size(); ++i) node(i);
    for (const Assignment& a : graph_.assignments) text_ += text(name(a.state), " <- ", name(a.value), "\n");
    if (!graph_.outputs.empty()) {
      text_ += "return ";
      for (size_t i = 0; i < graph_.outputs.size(); ++i) text_ += (i ? ", " : "") + name(graph_.outputs[i]);
      text_ += '\n';
    }
    return std::move(text_);
  }

 private:
  std::string name(Value v) const {
    const Node& n = graph_[v];
    if (n.kind == Node::Kind::input || n.kind == Node::Kind::state) return n.name;
    if (is_scalar_constant(n)) return constant(n);
    return "%" + std::to_string(numbers_.at({v.node, v.output}));
  }

  /// Scalars: 0.5 is float32; others carry their dtype: 3:int64.
  static std::string constant(const Node& n) {
    std::string s = n.out[0].dtype == DType::float32 ? text(static_cast<float>(n.constant->at(0))) : text(n.constant->at(0));
    if (n.out[0].dtype != DType::float32) s += text(":", n.out[0].dtype);
    return s;
  }

  void node(int i) {
    const Node& n = graph_[i];
    if (is_scalar_constant(n)) return;
    if (n.kind == Node::Kind::input || n.kind == Node::Kind::state) {
      text_ += text(n.name, ": ", n.kind == Node::Kind::input ? "input " : "state ", n.out[0], "\n");
      return;
    }
    for (size_t k = 0; k < n.out.size(); ++k) {
      const Value v{nullptr, i, static_cast<int>(k)};
      numbers_[{v.node, v.output}] = next_++;
      text_ += text(k ? ", " : "", "%", next_ - 1, ": ");
      if (n.kind == Node::Kind::op) text_ += text(n.out[k]);
    }
    if (n.kind == Node::Kind::constant) {
      text_ += text("constant ", *n.constant, "\n");
      return;
    }
    text_ += text(" = ", n.op->name(), "(");
    for (size_t k = 0; k < n.in.size(); ++k) text_ += (k ? ", " : "") + name(n.in[k]);
    text_ += ')';
    const Config shown = unusual(*n.op);
    if (!shown.as_dict().empty()) text_ += text(" ", shown);
    text_ += '\n';
  }

  static Config unusual(const Op& op) {
    const Config all = op.attributes(), usual = op.about().parse(Config::dict()).attributes();
    Config shown = Config::dict();
    for (const auto& [key, value] : all.as_dict())
      if (!(usual[key] == value)) shown.set(key, value);
    return shown;
  }

  const Graph& graph_;
  std::string text_;
  std::map<std::pair<int, int>, int> numbers_;
  int next_ = 0;
};

// ---- parsing

class Parser {
 public:
  Parser(std::string_view text, FindOp find) : rest_(text), find_(find), graph_(std::make_unique<Graph>()) {}

  std::unique_ptr<Graph> parse() {
    for (skip_blank(); !rest_.empty(); skip_blank()) statement();
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw FormatError(text("graph text, line ", line_, ": ", what, " at '", printable(rest_.substr(0, 20)), "'"));
  }
  void skip_space() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  void skip_blank() {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      if (rest_[0] == '#') rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1));
      if (rest_[0] == '\n') ++line_;
      else if (rest_[0] != ' ') return;
    }
  }
  bool accept(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail(text("expected '", token, "'"));
  }
  std::string_view word() {
    skip_space();
    size_t n = 0;
    while (n < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[n])) || std::string_view("_/.%-+").find(rest_[n]) != std::string_view::npos)) ++n;
    if (n == 0) fail("expected a name");
    const std::string_view w = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return w;
  }

  TensorType type() {
    TensorType t{dtype_named(word()), {}};
    expect("[");
    while (!accept("]")) {
      t.shape.push_back(config().as_int());
      accept(",");
    }
    return t;
  }

  /// The short form of a Config.
  Config config() {
    if (accept("[")) {
      Config list{Config::List{}};
      while (!accept("]")) {
        list.push_back(config());
        accept(",");
      }
      return list;
    }
    if (accept("{")) {
      Config dict = Config::dict();
      while (!accept("}")) {
        std::string key(word());
        expect(":");
        dict.set(std::move(key), config());
        accept(",");
      }
      return dict;
    }
    if (accept("\"")) {
      const size_t n = rest_.find('"');
      if (n == std::string_view::npos) fail("unterminated string");
      std::string s(rest_.substr(0, n));
      rest_.remove_prefix(n + 1);
      return s;
    }
    const std::string_view w = word();
    if (w == "true" || w == "false") return w == "true";
    if (w == "null") return {};
    int64_t i = 0;
    if (auto [end, e] = std::from_chars(w.data(), w.data() + w.size(), i); e == std::errc() && end == w.data() + w.size()) return i;
    double d = 0;
    if (auto [end, e] = std::from_chars(w.data(), w.data() + w.size(), d); e == std::errc() && end == w.data() + w.size()) return d;
    fail(text("'", w, "' is no value"));
  }

  Tensor constant(const TensorType& t) {
    Tensor f64(DType::float64, t.shape);
    expect("{");
    for (double& v : f64.mutable_values<double>()) {
      v = config().as_double();
      accept(",");
    }
    expect("}");
    return f64.cast(t.dtype);
  }

  Value value() {
    const std::string_view w = word();
    if (const auto known = names_.find(std::string(w)); known != names_.end()) return known->second;
    double number = 0;
    if (auto [end, e] = std::from_chars(w.data(), w.data() + w.size(), number); e == std::errc() && end == w.data() + w.size())
      return graph_->constant(Tensor::scalar(number).cast(accept(":") ? dtype_named(word()) : DType::float32));
    fail(text("unknown value '", w, "'"));
  }

  void statement() {
    if (accept("return ")) {
      do graph_->output(value());
      while (accept(","));
      return;
    }
    std::vector<std::string> names{std::string(word())};
    if (accept("<-")) return graph_->assign(names_.at(names[0]), value());
    std::vector<std::optional<TensorType>> types;
    for (;;) {
      std::optional<TensorType> t;
      if (accept(":")) {
        if (accept("input ")) return define(names, {graph_->input(names[0], type())});
        if (accept("state ")) return define(names, {graph_->state(names[0], type())});
        if (accept("constant ")) {
          const TensorType ct = type();
          return define(names, {graph_->constant(constant(ct))});
        }
        t = type();
      }
      types.push_back(t);
      if (!accept(",")) break;
      names.emplace_back(word());
    }
    expect("=");
    const std::string_view op_name = word();
    const OpRules* op = find_(op_name);
    if (!op) fail(text("no op is called '", op_name, "'"));
    std::vector<Value> in;
    expect("(");
    while (!accept(")")) {
      in.push_back(value());
      accept(",");
    }
    skip_space();
    const std::vector<Value> out = graph_->add(op->parse(rest_.starts_with("{") ? config() : Config::dict()), in);
    if (out.size() != names.size()) fail(text(op_name, " has ", out.size(), " outputs"));
    for (size_t i = 0; i < out.size(); ++i)
      if (types[i] && !(*types[i] == out[i].type())) fail(text(names[i], " is ", out[i].type(), ", not ", *types[i]));
    define(names, out);
  }

  void define(const std::vector<std::string>& names, const std::vector<Value>& values) {
    for (size_t i = 0; i < names.size(); ++i) names_[names[i]] = values[i];
  }

  std::string_view rest_;
  FindOp find_;
  std::unique_ptr<Graph> graph_;
  std::map<std::string, Value> names_;
  int line_ = 1;
};

}  // namespace

std::string to_text(const Graph& graph) { return Printer(graph).print(); }

std::unique_ptr<Graph> parse_graph(std::string_view text, FindOp find) { return Parser(text, find).parse(); }

void verify(const Graph& graph, std::string_view after) {
  const auto check_value = [&](Value v, int before) {
    ensure(v.graph == &graph && 0 <= v.node && v.node < before, after, ": a node reads one that does not come before it");
    ensure(0 <= v.output && v.output < static_cast<int>(graph[v].out.size()), after, ": a node reads an output that is not there");
  };
  for (int i = 0; i < graph.size(); ++i) {
    const Node& n = graph[i];
    std::vector<TensorType> types;
    for (const Value v : n.in) {
      check_value(v, i);
      types.push_back(v.type());
    }
    ensure((n.kind == Node::Kind::op) == n.op.has_value(), after, ": node ", i, " has the wrong kind");
    if (n.op) ensure(n.op->infer(types) == n.out, after, ": ", n.op->name(), " is recorded with another type than it has");
    if (n.constant) ensure(n.constant->dtype() == n.out[0].dtype && n.constant->shape() == n.out[0].shape, after, ": a constant changed its type");
  }
  for (const Value v : graph.outputs) check_value(v, graph.size());
  std::set<int> assigned;
  for (const Assignment& a : graph.assignments) {
    check_value(a.state, graph.size());
    check_value(a.value, graph.size());
    ensure(graph[a.state].kind == Node::Kind::state && a.state.type() == a.value.type(), after, ": a bad assignment");
    ensure(assigned.insert(a.state.node).second, after, ": state '", graph[a.state].name, "' is assigned twice");
  }
}

}  // namespace cornu
