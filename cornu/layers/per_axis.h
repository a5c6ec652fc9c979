// PerAxis along the spatial axes of a layer, given as one number for all of them or as a list: 3, {3, 3}, {{1, 2}, {0, 0}}.
#pragma once
#include <array>
#include <concepts>

#include "cornu/base/fields.h"

namespace cornu {

/// One number for each of N axes: kernel_size, strides, ... Default-made, it is not given (null in configs).
template <int N> class PerAxis {
 public:
  PerAxis() = default;
  template <std::integral I> PerAxis(I all) : given_(true) { numbers_.fill(static_cast<int64_t>(all)); }
  /// Throws ArgumentError unless there are N numbers, or one.
  PerAxis(std::initializer_list<int64_t> list) : PerAxis(std::vector<int64_t>(list)) {}
  explicit PerAxis(const std::vector<int64_t>& list) : given_(true) {
    require(list.size() == static_cast<size_t>(N) || list.size() == 1, "sizes along ", N, N == 1 ? " axis" : " axes", " are one number or as many, not ", list);
    for (size_t a = 0; a < numbers_.size(); ++a) numbers_[a] = list.size() == 1 ? list[0] : list[a];
  }

  bool is_given() const { return given_; }
  int64_t operator[](int axis) const { return numbers_[static_cast<size_t>(axis)]; }
  int64_t least() const {
    int64_t n = numbers_[0];
    for (const int64_t number : numbers_) n = number < n ? number : n;
    return n;
  }
  int64_t most() const {
    int64_t n = numbers_[0];
    for (const int64_t number : numbers_) n = number > n ? number : n;
    return n;
  }
  std::vector<int64_t> list() const { return {numbers_.begin(), numbers_.end()}; }
  bool operator==(const PerAxis&) const = default;

 private:
  std::array<int64_t, N> numbers_ = {};
  bool given_ = false;
};

template <int N> Config to_config(const PerAxis<N>& sizes) { return sizes.is_given() ? to_config(sizes.list()) : Config(); }
template <int N> void from_config(const Config& c, PerAxis<N>& sizes) {
  sizes = {};
  if (c.is_null()) return;
  if (!c.is_list()) {
    sizes = c.as_int();
    return;
  }
  std::vector<int64_t> list;
  from_config(c, list);
  require<FormatError>(list.size() == static_cast<size_t>(N), "expected ", N, N == 1 ? " integer" : " integers", ", found ", c);
  sizes = PerAxis<N>(list);
}

/// How much before and after one axis. One number is both.
struct Margin {
  int64_t before = 0, after = 0;
  Margin() = default;
  template <std::integral I> Margin(I both) : before(static_cast<int64_t>(both)), after(before) {}
  Margin(int64_t b, int64_t a) : before(b), after(a) {}
  bool operator==(const Margin&) const = default;
};

/// A margin for each of N axes: 1 (all sides), {1, 2} (of one axis: before and after; of more: each axis on both sides), {{0, 1}, {2, 2}}.
template <int N> class Margins {
 public:
  template <std::integral I> Margins(I all) { axes_.fill(Margin(all)); }
  Margins(std::initializer_list<Margin> list) : Margins(std::vector<Margin>(list)) {}
  explicit Margins(const std::vector<Margin>& list) {
    if (N == 1 && list.size() == 2 && list[0].before == list[0].after && list[1].before == list[1].after) {
      axes_[0] = {list[0].before, list[1].before};
      return;
    }
    require(list.size() == static_cast<size_t>(N), "margins of ", N, N == 1 ? " axis" : " axes", " are one number or a pair for each, not ", list.size(), " of them");
    for (size_t a = 0; a < axes_.size(); ++a) axes_[a] = list[a];
  }
  const Margin& operator[](int axis) const { return axes_[static_cast<size_t>(axis)]; }
  /// {before, after} of one axis, {{before, after}, ...} of more: as Keras writes it.
  Config config() const {
    Config::List list;
    for (const Margin& m : axes_) list.push_back(Config::List{m.before, m.after});
    return N == 1 ? list[0] : Config(list);
  }
  bool operator==(const Margins&) const = default;

 private:
  std::array<Margin, N> axes_;
};

template <int N> Config to_config(const Margins<N>& margins) { return margins.config(); }
template <int N> void from_config(const Config& c, Margins<N>& margins) {
  if (!c.is_list()) {
    margins = c.as_int();
    return;
  }
  const Config::List& items = c.as_list();
  std::vector<Margin> list;
  if (N == 1) {
    require<FormatError>(items.size() == 2, "expected an integer or a pair, found ", c);
    list.emplace_back(items[0].as_int(), items[1].as_int());
  } else {
    require<FormatError>(items.size() == static_cast<size_t>(N), "expected an integer or ", N, " of them or of pairs, found ", c);
    for (const Config& item : items) {
      require<FormatError>(!item.is_list() || item.as_list().size() == 2, "expected pairs, found ", c);
      if (item.is_list()) list.emplace_back(item.as_list()[0].as_int(), item.as_list()[1].as_int());
      else list.emplace_back(item.as_int());
    }
  }
  margins = Margins<N>(list);
}

}  // namespace cornu
