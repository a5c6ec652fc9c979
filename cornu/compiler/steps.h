// A scheduled graph as recompute works on it: a list of steps, and how many bytes are in memory while each of them runs.
// Private to recompute.
#pragma once
#include "cornu/graph/graph.h"

namespace cornu::passes {

/// Results have numbers, those of copies too. What is no intermediate value (inputs, states, constants, what is stored in a state)
/// counts no bytes.
class Steps {
 public:
  explicit Steps(const Graph& scheduled);
  /// The graph with its copies, which say "(again)" after the layer's name, in the order of the list.
  std::unique_ptr<Graph> graph() const;

  struct Step {
    int node = -1;               // of the graph, that it is or is a copy of
    int kind = -1;               // place in `kinds`; -1: an input, a state or a constant
    bool again = false;
    std::vector<int> in, out;    // numbers
  };
  struct Kind {
    Op op;
    Properties has;
  };
  struct Number {
    TensorType type;
    int64_t bytes = 0;
    int root = -1;               // whose memory it is: itself, but for views
    int origin = -1;             // of a copy's result: what it is a copy of; else itself
  };

  int size() const { return static_cast<int>(steps.size()); }
  Step& operator[](int i) { return steps[static_cast<size_t>(i)]; }
  const Step& operator[](int i) const { return steps[static_cast<size_t>(i)]; }
  const Kind* kind(int i) const { return (*this)[i].kind < 0 ? nullptr : &kinds[static_cast<size_t>((*this)[i].kind)]; }
  bool is_view(int i) const { return kind(i) && kind(i)->has.view; }
  Number& number(int v) { return numbers[static_cast<size_t>(v)]; }
  const Number& number(int v) const { return numbers[static_cast<size_t>(v)]; }
  int root(int v) const { return number(v).root; }
  int new_number(TensorType type, int64_t bytes, int origin);

  // ---- lives, found by `measure`: steps by their place in the list
  void measure();
  int made_at(int v) const { return made_[static_cast<size_t>(v)]; }
  /// The last step that reads this memory; size() if it is wanted after the last.
  int last_read(int root) const { return last_[static_cast<size_t>(root)]; }
  /// The last step up to `limit` that reads this memory, or the one that makes it.
  int last_read_until(int root, int limit) const;
  /// The first step after `limit` that reads this memory or makes a view of it; size() if there is none.
  int first_use_after(int root, int limit) const;
  const std::vector<int64_t>& live() const { return live_; }     // bytes, by step
  int64_t born(int i) const { return born_[static_cast<size_t>(i)]; }  // of them, what did not exist before
  int64_t peak() const { return peak_; }
  int peak_at() const { return peak_at_; }

  std::vector<Step> steps;
  std::vector<Kind> kinds;
  std::vector<Number> numbers;

 private:
  int64_t saved_in_place(int i) const;

  const Graph* graph_;
  std::vector<int> returned_;                 // numbers
  std::vector<std::pair<int, int>> assigned_;  // state, value
  std::vector<int> made_, last_;              // by number
  std::vector<std::vector<int>> uses_;        // by root: steps, views among them
  std::vector<int64_t> live_, born_;
  int64_t peak_ = 0;
  int peak_at_ = 0;
};

}  // namespace cornu::passes
