// What is cheap to compute again is not kept from the forward to the backward pass. Where most bytes are in memory, a value that is only
// passing through (made before, read after) is let go: its step is copied to just before the first of the late readers. That is
// repeated wherever the peak then is, until nothing makes it lower or it is low enough. Copies are of whole steps, so that each number
// comes out of the same kernel as before, bit for bit.
#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/compiler/passes.h"
#include "cornu/compiler/steps.h"
#include "cornu/ops/fused.h"

namespace cornu::passes {
namespace {

constexpr int deepest = 12;              // copies that a copy may need before it
constexpr int64_t part_worth_having = 1024;  // values below this part of the peak are left alone
constexpr double price_of_costly = 32;   // of a byte that a product or the like touches, beside one pass over it

class Recompute {
 public:
  Recompute(const Graph& scheduled, int64_t enough, bool costly_too) : steps_(scheduled), enough_(enough), costly_too_(costly_too) {}

  std::unique_ptr<Graph> run() {
    int tries = 8 * steps_.size();
    while (steps_.peak() > enough_ && tries-- > 0) {
      Copy best;
      for (const bool costly : {false, true}) {
        if (costly && (!costly_too_ || best.step >= 0)) continue;
        for (int i = 0; i < steps_.peak_at(); ++i) {
          if (!steps_.kind(i) || steps_.is_view(i)) continue;
          for (const bool chain_only : {false, true})
            if (const auto copy = consider(i, costly, chain_only); copy && copy->better_than(best, steps_.peak())) best = *copy;
        }
      }
      if (best.step < 0) break;
      const Steps before = steps_;
      insert(best);
      steps_.measure();
      if (steps_.peak() < before.peak()) continue;
      steps_ = before;  // it was judged too well
      refused_.push_back(steps_[best.step].out[0]);
    }
    return steps_.graph();
  }

 private:
  /// To compute the results of `step` that are read after the peak once more, before step `at`.
  struct Copy {
    int step = -1, at = 0;
    bool chain_only = false;            // the product is kept, its epilogue runs again
    std::vector<int> results;           // numbers that are let go
    std::vector<int> needed = {};       // steps to be copied before it, in order
    std::vector<std::pair<int, int>> found = {};  // numbers, and copies of theirs that are there
    int64_t peak = 0;
    double cost = 0, area = 0;

    bool better_than(const Copy& other, int64_t now) const {
      if (peak >= now) return false;
      if (other.step < 0) return true;
      const double mine = static_cast<double>(now - peak) / cost, its = static_cast<double>(now - other.peak) / other.cost;
      return mine != its ? mine > its : area < other.area;
    }
  };

  bool is_cheap(int i) const { return steps_.kind(i)->has.pointwise; }
  const WithEpilogue* product_and_chain(int i) const { return steps_.kind(i)->op.as<WithEpilogue>(); }

  /// The number of the product that a chain follows, if it is stored.
  std::optional<int> stored_product(int i) const {
    const auto& outputs = product_and_chain(i)->epilogue.outputs;
    const auto at = std::find(outputs.begin(), outputs.end(), 0);
    if (at == outputs.end()) return {};
    return steps_[i].out[static_cast<size_t>(at - outputs.begin())];
  }

  double cost_of(int i, bool cheap) const {
    int64_t bytes = 1;
    for (const int v : steps_[i].in) bytes += static_cast<int64_t>(steps_.number(v).type.bytes());
    for (const int v : steps_[i].out) bytes += static_cast<int64_t>(steps_.number(v).type.bytes());
    return static_cast<double>(bytes) * (cheap ? 1 : price_of_costly);
  }

  std::optional<Copy> consider(int i, bool costly, bool chain_only) {
    const Steps::Step& s = steps_[i];
    if (chain_only ? costly || !product_and_chain(i) : is_cheap(i) == costly) return {};
    if (std::find(refused_.begin(), refused_.end(), s.out[0]) != refused_.end()) return {};
    const int peak_at = steps_.peak_at();
    const std::optional<int> product = chain_only ? stored_product(i) : std::nullopt;
    Copy copy{.step = i, .at = steps_.size(), .chain_only = chain_only, .results = {}};
    int64_t gained = 0;
    for (const int v : s.out) {
      const int64_t bytes = steps_.number(v).bytes;
      if (bytes == 0 || v == product || steps_.last_read(v) <= peak_at || steps_.last_read(v) == steps_.size()) continue;
      copy.results.push_back(v);
      copy.at = std::min(copy.at, steps_.first_use_after(v, peak_at));
      gained += bytes;
    }
    if (gained * part_worth_having < steps_.peak()) return {};

    change_.assign(static_cast<size_t>(steps_.size()) + 2, 0);
    for (const int v : copy.results) change(steps_.last_read_until(v, peak_at) + 1, copy.at - 1, -steps_.number(v).bytes);
    int64_t meanwhile = 0;  // what exists while the copies run and then no more
    size_t first_operand = 0;
    if (chain_only) {
      const int64_t bytes = product ? steps_.number(*product).bytes : static_cast<int64_t>(steps_.number(s.out[0]).type.shape.elements()) * 4;
      const int from = product ? steps_.last_read(*product) + 1 : i;
      change(from, copy.at, bytes);
      first_operand = static_cast<size_t>(product_and_chain(i)->producer_inputs);
    } else {
      for (const int v : s.out)
        if (std::find(copy.results.begin(), copy.results.end(), v) == copy.results.end()) meanwhile += static_cast<int64_t>(steps_.number(v).type.bytes());
    }
    for (size_t k = first_operand; k < s.in.size(); ++k) need(copy, s.in[k], costly, gained, meanwhile, 0);
    copy.cost += cost_of(i, !costly);

    int64_t now = 0;
    for (int p = 0; p < steps_.size(); ++p) {
      now += change_[static_cast<size_t>(p)];
      int64_t live = steps_.live()[static_cast<size_t>(p)] + now;
      if (p == copy.at) live = std::max(live, live - steps_.born(p) + meanwhile);
      copy.peak = std::max(copy.peak, live);
      copy.area += static_cast<double>(live);
    }
    return copy;
  }

  void change(int first, int last, int64_t bytes) {
    if (first > last) return;
    change_[static_cast<size_t>(first)] += bytes;
    change_[static_cast<size_t>(last) + 1] -= bytes;
  }

  /// Sees to it that number `v` is there at copy.at: it is, it is made to stay, or it is computed again as well.
  void need(Copy& copy, int v, bool costly, int64_t gained, int64_t& meanwhile, int depth) {
    const int memory = steps_.root(v);
    const int64_t bytes = steps_.number(memory).bytes;
    if (bytes == 0 || (steps_.last_read(memory) >= copy.at && std::find(copy.results.begin(), copy.results.end(), memory) == copy.results.end())) return;
    const int maker = steps_.made_at(memory);
    if (std::find(copy.needed.begin(), copy.needed.end(), maker) != copy.needed.end()) return;
    for (int w = 0; w < static_cast<int>(steps_.numbers.size()); ++w)
      if (w != memory && steps_.number(w).origin == steps_.number(memory).origin && steps_.made_at(w) >= 0 && steps_.made_at(w) < copy.at && steps_.last_read(w) >= copy.at) {
        copy.found.emplace_back(memory, w);
        return;
      }
    const bool cheap = is_cheap(maker);
    if (bytes * 16 <= gained || depth >= deepest || !(cheap || costly)) {
      change(steps_.last_read(memory) + 1, copy.at, bytes);
      return;
    }
    for (const int w : steps_[maker].in) need(copy, w, costly, gained, meanwhile, depth + 1);
    if (std::find(copy.needed.begin(), copy.needed.end(), maker) != copy.needed.end()) return;
    copy.needed.push_back(maker);
    for (const int w : steps_[maker].out) meanwhile += steps_.number(w).bytes;
    copy.cost += cost_of(maker, cheap);
  }

  // ---- carrying it out

  /// What stands for `v` in copies and late readers: views of what was copied are copied too.
  int now_called(int v, std::vector<Steps::Step>& copies) {
    if (const auto known = std::find_if(renamed_.begin(), renamed_.end(), [&](const auto& r) { return r.first == v; }); known != renamed_.end()) return known->second;
    if (v >= first_new_ || steps_.root(v) == v) return v;
    Steps::Step view = steps_[steps_.made_at(v)];
    const int from = now_called(view.in[0], copies);
    if (from == view.in[0]) return v;
    view.in[0] = from, view.again = true;
    const int w = steps_.new_number(steps_.number(v).type, 0, v);
    steps_.number(w).root = steps_.root(from);
    view.out = {w};
    copies.push_back(std::move(view));
    renamed_.emplace_back(v, w);
    return w;
  }

  void copy_step(int i, std::vector<Steps::Step>& copies) {
    Steps::Step s = steps_[i];
    s.again = true;
    for (int& v : s.in) v = now_called(v, copies);
    for (int& v : s.out) {
      const int w = steps_.new_number(steps_.number(v).type, static_cast<int64_t>((steps_.number(v).type.bytes() + 63) / 64 * 64), steps_.number(v).origin);
      renamed_.emplace_back(v, w);
      v = w;
    }
    copies.push_back(std::move(s));
  }

  /// Of a product with a chain: the chain alone, on the product, which is stored from now on.
  void copy_chain(int i, std::vector<Steps::Step>& copies) {
    WithEpilogue with = *product_and_chain(i);
    std::optional<int> product = stored_product(i);
    if (!product) {
      with.epilogue.outputs.push_back(0);
      const TensorType type{DType::float32, steps_.number(steps_[i].out[0]).type.shape};
      product = steps_.new_number(type, static_cast<int64_t>((type.bytes() + 63) / 64 * 64), -1);
      steps_[i].out.push_back(*product);
      steps_[i].kind = new_kind(with);
    }
    Steps::Step s = steps_[i];
    s.again = true;
    s.in.erase(s.in.begin(), s.in.begin() + with.producer_inputs);
    for (int& v : s.in) v = now_called(v, copies);
    s.in.insert(s.in.begin(), *product);
    s.out.clear();
    Fused chain = with.epilogue;
    chain.outputs.clear();
    for (size_t k = 0; k < with.epilogue.outputs.size(); ++k) {
      if (with.epilogue.outputs[k] == 0) continue;
      chain.outputs.push_back(with.epilogue.outputs[k]);
      const int v = steps_[i].out[k];
      s.out.push_back(steps_.new_number(steps_.number(v).type, static_cast<int64_t>((steps_.number(v).type.bytes() + 63) / 64 * 64), steps_.number(v).origin));
      renamed_.emplace_back(v, s.out.back());
    }
    s.kind = new_kind(std::move(chain));
    copies.push_back(std::move(s));
  }

  int new_kind(Op op) {
    const Properties has = op.properties();
    steps_.kinds.push_back({std::move(op), has});
    return static_cast<int>(steps_.kinds.size()) - 1;
  }

  void insert(const Copy& copy) {
    renamed_ = copy.found;
    first_new_ = static_cast<int>(steps_.numbers.size());
    std::vector<Steps::Step> copies;
    for (const int i : copy.needed) copy_step(i, copies);
    copy.chain_only ? copy_chain(copy.step, copies) : copy_step(copy.step, copies);
    // The late readers of what is let go; everything else reads what it has read before.
    std::vector<std::pair<int, int>> let_go;
    for (const auto& r : renamed_)
      if (std::find(copy.results.begin(), copy.results.end(), r.first) != copy.results.end()) let_go.push_back(r);
    renamed_ = std::move(let_go);
    for (int i = copy.at; i < steps_.size(); ++i)
      for (size_t k = 0; k < steps_[i].in.size(); ++k) steps_[i].in[k] = now_called(steps_[i].in[k], copies);
    for (int i = copy.at; i < steps_.size(); ++i)  // views that are made late are of other memory now
      if (steps_.is_view(i)) steps_.number(steps_[i].out[0]).root = steps_.root(steps_[i].in[0]);
    steps_.steps.insert(steps_.steps.begin() + copy.at, std::make_move_iterator(copies.begin()), std::make_move_iterator(copies.end()));
  }

  Steps steps_;
  int64_t enough_;
  bool costly_too_;
  std::vector<int> refused_;                    // first results of steps whose copies helped nothing
  std::vector<int64_t> change_;                 // of bytes, from each step on
  std::vector<std::pair<int, int>> renamed_;
  int first_new_ = 0;                           // numbers from here on came with the copy that is being inserted
};

}  // namespace

NewGraph recompute(const Graph& scheduled, int64_t enough, bool costly_too) { return Recompute(scheduled, enough, costly_too).run(); }

}  // namespace cornu::passes
