#include "cornu/compiler/tuner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "cornu/base/error.h"
#include "cornu/base/fingerprint.h"
#include "cornu/runtime/arena.h"
#include "cornu/runtime/denormals.h"

namespace cornu {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr size_t most_bytes = size_t{256} << 20;  // of the buffers of one op that is tried
constexpr int most_rounds = 5;
constexpr double worth_it = 0.97;  // of the untuned kernel's time: less of a gain is noise

uint64_t hash_of(const Machine& m) {
  return fingerprint64(text("1 ", m.name, m.avx2 ? " avx2" : "", m.avx512 ? " avx512" : "", m.avx512_bf16 ? " bf16" : "", m.amx_bf16 ? " amx" : ""));
}

uint64_t hash_of(const Op& op, const KernelRequest& r, const std::vector<Kernel>& offered, bool reproducible) {
  std::string question = text(op.name(), " ", op.attributes(), reproducible ? " same bits" : " any bits");
  for (size_t i = 0; i < r.in.size(); ++i) question += text(" ", r.in[i], r.steady && r.steady(i) ? " steady" : "");
  for (const TensorType& t : r.out) question += text(" -> ", t);
  for (const Kernel& k : offered) question += text(" ", k.name);
  return fingerprint64(question);
}

/// Memory for one op, the inputs filled with numbers in [-1, 1); integers are zero, which is an index of everything.
class Bench {
 public:
  Bench(const std::vector<Kernel>& kernels, const KernelRequest& r) {
    for (const TensorType& t : r.in) total_ += place(t.bytes());
    first_output_ = buffers_.size();
    for (const TensorType& t : r.out) total_ += place(t.bytes());
    size_t workspace = 0, scratch = 0;
    for (const Kernel& k : kernels) workspace = std::max(workspace, k.workspace_bytes), scratch = std::max(scratch, k.scratch_bytes);
    total_ += place(workspace), total_ += place(scratch);
    if (total_ > most_bytes) return;
    arena_ = make_arena(total_);
    for (void*& b : buffers_) b = arena_.get() + reinterpret_cast<size_t>(b);
    scratch_ = buffers_.back();
    buffers_.pop_back();
    for (size_t i = 0; i < r.in.size(); ++i) fill(buffers_[i], r.in[i]);
    for (const TensorType& t : r.out) output_bytes_.push_back(t.bytes());
  }
  bool fits() const { return arena_ != nullptr; }

  double run(const Kernel& k) {
    const FlushDenormals flush;
    const auto start = Clock::now();
    for (const Phase& phase : k.phases)
      for (int i = 0; i < phase.slices; ++i) phase.run(k.context.get(), buffers_.data(), i, scratch_);
    return seconds_since(start);
  }
  /// About what a run will take, from one slice of its largest phase.
  double estimate(const Kernel& k) {
    const auto largest = std::max_element(k.phases.begin(), k.phases.end(), [](const Phase& a, const Phase& b) { return a.slices < b.slices; });
    if (largest == k.phases.end() || largest->slices < 4) return 0;
    const FlushDenormals flush;
    const auto start = Clock::now();
    largest->run(k.context.get(), buffers_.data(), 0, scratch_);
    return seconds_since(start) * largest->slices;
  }
  void clear_outputs() {
    for (size_t i = 0; i < output_bytes_.size(); ++i) std::memset(buffers_[first_output_ + i], 0, output_bytes_[i]);
  }
  uint64_t outputs() const {
    uint64_t all = 0;
    for (size_t i = 0; i < output_bytes_.size(); ++i)
      all = all * 31 + fingerprint64({static_cast<const char*>(buffers_[first_output_ + i]), output_bytes_[i]});
    return all;
  }

 private:
  size_t place(size_t bytes) {
    buffers_.push_back(reinterpret_cast<void*>(total_));  // an offset, until there is memory
    return (bytes + 127) / 64 * 64;
  }
  static void fill(void* to, const TensorType& type) {
    const auto n = static_cast<size_t>(type.shape.elements());
    uint32_t state = 12345;
    const auto next = [&] { return state = state * 1664525 + 1013904223; };
    if (type.dtype == DType::uint8)
      for (size_t i = 0; i < n; ++i) static_cast<uint8_t*>(to)[i] = static_cast<uint8_t>(next() >> 24);
    if (type.dtype == DType::float32)
      for (size_t i = 0; i < n; ++i) static_cast<float*>(to)[i] = static_cast<float>(next() >> 8) * 0x1p-23f - 1;
    if (type.dtype == DType::float64)
      for (size_t i = 0; i < n; ++i) static_cast<double*>(to)[i] = static_cast<double>(next() >> 8) * 0x1p-23 - 1;
    if (type.dtype == DType::bfloat16)  // the upper half of a float between 1 and 2
      for (size_t i = 0; i < n; ++i) static_cast<uint16_t*>(to)[i] = static_cast<uint16_t>(0x3f80 | (next() >> 25));
  }

  size_t total_ = 0, first_output_ = 0;
  std::vector<void*> buffers_;
  std::vector<size_t> output_bytes_;
  void* scratch_ = nullptr;
  Arena arena_;
};

}  // namespace

Tuner::Tuner(const Machine& machine, Options options) : options_(std::move(options)), machine_(hash_of(machine)), seconds_left_(options_.seconds) {
  if (!options_.path.empty()) known_ = read_tunings(options_.path, machine_);
}

void Tuner::keep() {
  if (!news_.empty() && !options_.path.empty()) add_tunings(options_.path, machine_, news_);
  news_.clear();
}

Kernel Tuner::choose(const Op& op, const KernelRequest& request) {
  std::vector<Kernel> kernels = op.kernels(request);
  if (options_.reproducible) std::erase_if(kernels, [numerics = kernels[0].numerics](const Kernel& k) { return k.numerics != numerics; });
  if (kernels.size() == 1) return std::move(kernels[0]);
  const uint64_t question = hash_of(op, request, kernels, options_.reproducible);
  if (const auto answer = known_.find(question); answer != known_.end())
    for (Kernel& k : kernels)
      if (k.name == answer->second) return ++recalled_, std::move(k);
  if (seconds_left_ <= 0 || unanswered_.contains(question)) return std::move(kernels[0]);
  const auto start = Clock::now();
  const size_t best = fastest(kernels, request);
  seconds_left_ -= seconds_since(start);
  if (best == kernels.size()) {
    unanswered_.insert(question);
    return std::move(kernels[0]);
  }
  ++tried_;
  known_[question] = news_[question] = kernels[best].name;
  return std::move(kernels[best]);
}

/// The place of the fastest, or kernels.size() where the time does not allow to tell.
size_t Tuner::fastest(const std::vector<Kernel>& kernels, const KernelRequest& request) {
  const auto start = Clock::now();
  const size_t unknown = kernels.size();
  Bench bench(kernels, request);
  if (!bench.fits()) return unknown;
  const auto runs = static_cast<double>(kernels.size());
  if (seconds_since(start) + bench.estimate(kernels[0]) * 2 * runs > seconds_left_) return unknown;

  std::vector<double> best(kernels.size(), HUGE_VAL);
  std::vector<bool> may(kernels.size(), true);
  uint64_t expected = 0;
  for (size_t i = 0; i < kernels.size(); ++i) {  // cold, and to see that the bits agree
    bench.clear_outputs();
    bench.run(kernels[i]);
    if (seconds_since(start) > seconds_left_) return unknown;
    if (!options_.reproducible) continue;
    if (i == 0) expected = bench.outputs();
    else may[i] = bench.outputs() == expected;
  }
  for (int round = 0; round < most_rounds; ++round) {
    if (std::count(may.begin(), may.end(), true) == 1) return 0;
    const double before = seconds_since(start);
    for (size_t i = 0; i < kernels.size(); ++i)
      if (may[i]) best[i] = std::min(best[i], bench.run(kernels[i]));
    const double now = seconds_since(start);
    if (now + (now - before) > seconds_left_) {
      if (now > seconds_left_) return unknown;
      break;
    }
  }
  const auto fastest = static_cast<size_t>(std::min_element(best.begin(), best.end()) - best.begin());
  return best[fastest] < worth_it * best[0] ? fastest : 0;
}

}  // namespace cornu
