// libtorch on W1 or W2: libtorch_w W1|W2 [plain|best] [--threads N]; one line of JSON. Built by compare.py against the libtorch
// inside PyTorch's package. plain: torch::nn and torch::optim::Adam, as its tutorials write it. best: what a patient user finds:
// the fused Adam kernel called by hand, and denormals flushed.
#include <sys/resource.h>
#include <torch/torch.h>
#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;
static double since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }
static double cpu() {
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  return double(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * double(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static std::vector<uint8_t> idx(const std::string& name, size_t header) {
  const char* folder = std::getenv("FASHION_MNIST");
  gzFile f = gzopen(((folder ? folder : "/usr/share/datasets/fashion-mnist") + ("/" + name)).c_str(), "rb");
  TORCH_CHECK(f, "no ", name, ": install dataset-fashion-mnist");
  std::vector<uint8_t> bytes(64 << 20);
  const int n = gzread(f, bytes.data(), unsigned(bytes.size()));
  gzclose(f);
  return {bytes.begin() + long(header), bytes.begin() + n};
}
static torch::Tensor images(const std::string& name) {
  auto b = idx(name, 16);
  return torch::from_blob(b.data(), {int64_t(b.size() / 784), 784}, torch::kUInt8).to(torch::kFloat32).div(255);
}
static torch::Tensor labels(const std::string& name) {
  auto b = idx(name, 8);
  return torch::from_blob(b.data(), {int64_t(b.size())}, torch::kUInt8).to(torch::kInt64);
}

// data.py's uniform(): the same first weights for every rival.
static float uniform(uint64_t i, uint64_t seed) {
  uint64_t z = (i + (seed << 32) + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return float((z ^ (z >> 31)) >> 40) / float(1 << 24);
}

struct Net : torch::nn::Module {
  std::vector<torch::nn::Linear> layers;
  explicit Net(const std::vector<int64_t>& sizes) {
    torch::NoGradGuard no_grad;
    for (size_t l = 0; l + 1 < sizes.size(); ++l) {
      layers.push_back(register_module("l" + std::to_string(l), torch::nn::Linear(sizes[l], sizes[l + 1])));
      const float limit = std::sqrt(6.f / float(sizes[l] + sizes[l + 1]));
      auto kernel = torch::empty({sizes[l], sizes[l + 1]});
      for (int64_t i = 0; i < kernel.numel(); ++i) kernel.data_ptr<float>()[i] = (2 * uniform(uint64_t(i), l) - 1) * limit;
      layers.back()->weight.copy_(kernel.t());
      layers.back()->bias.zero_();
    }
  }
  torch::Tensor forward(torch::Tensor x) {
    for (size_t l = 0; l < layers.size(); ++l) x = l + 1 < layers.size() ? torch::relu(layers[l](x)) : layers[l](x);
    return x;
  }
};

struct Fused {  // at::_fused_adam_ on all parameters at once
  std::vector<torch::Tensor> p, m, v, no_max, t;
  explicit Fused(std::vector<torch::Tensor> parameters) : p(std::move(parameters)) {
    for (const auto& w : p) m.push_back(torch::zeros_like(w)), v.push_back(torch::zeros_like(w)), t.push_back(torch::zeros({}));
  }
  void step() {
    torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> g;
    for (const auto& w : p) g.push_back(w.grad());
    for (auto& s : t) s.add_(1);
    at::_fused_adam_(p, g, m, v, no_max, t, 1e-3, 0.9, 0.999, 0, 1e-7, false, false);
  }
};

int main(int argc, char** argv) {
  std::string workload = argc > 1 ? argv[1] : "W1", mode = argc > 2 ? argv[2] : "plain";
  int threads = 2;
  for (int i = 1; i + 1 < argc; ++i)
    if (std::string(argv[i]) == "--threads") threads = std::atoi(argv[i + 1]);
  torch::set_num_threads(threads);
  torch::manual_seed(0);
  const bool best = mode == "best";
  if (best) at::globalContext().setFlushDenormal(true);
  const auto x = images("train-images-idx3-ubyte.gz"), xt = images("t10k-images-idx3-ubyte.gz");
  const auto y = labels("train-labels-idx1-ubyte.gz"), yt = labels("t10k-labels-idx1-ubyte.gz");
  const std::vector<int64_t> sizes = workload == "W1" ? std::vector<int64_t>{784, 10, 10, 10} : std::vector<int64_t>{784, 512, 512, 10};
  const int64_t bs = workload == "W1" ? 32 : 128, n = x.size(0);

  auto run = [&](Net& net, auto& optimizer, int64_t rows, bool shuffle) {
    const auto order = shuffle ? torch::randperm(rows) : torch::arange(rows);
    auto loss = torch::zeros({}), right = torch::zeros({});
    int64_t steps = 0;
    for (int64_t i = 0; i + bs <= rows; i += bs, ++steps) {
      const auto at = order.slice(0, i, i + bs), yb = y.index_select(0, at);
      for (auto& p : net.parameters()) p.mutable_grad() = torch::Tensor();
      const auto out = net.forward(x.index_select(0, at));
      const auto l = torch::cross_entropy_loss(out, yb);
      l.backward();
      optimizer.step();
      loss += l.detach();
      right += (out.argmax(-1) == yb).to(torch::kFloat32).mean();
    }
    return loss.item<float>() / float(steps);
  };
  const auto started = Clock::now();
  double first = 0, parity = 0, seconds = 0, cpu_seconds = 0;
  Net net(sizes);
  const int epochs = 3;
  auto measure = [&](auto fresh) {
    { Net one(sizes); auto o = fresh(one); run(one, o, bs, true); }
    first = since(started);
    { Net one(sizes); auto o = fresh(one); parity = run(one, o, n, false); }
    auto o = fresh(net);
    const auto begin = Clock::now();
    const double begin_cpu = cpu();
    for (int e = 0; e < epochs; ++e) run(net, o, n, true);
    seconds = since(begin) / epochs, cpu_seconds = (cpu() - begin_cpu) / epochs;
  };
  if (best) measure([](Net& one) { return Fused(one.parameters()); });
  else measure([](Net& one) { return torch::optim::Adam(one.parameters(), torch::optim::AdamOptions(1e-3).eps(1e-7)); });
  torch::InferenceMode inference;
  const double accuracy = (net.forward(xt).argmax(1) == yt).to(torch::kFloat32).mean().item<float>();
  const auto sample = x.slice(0, 0, 1);
  for (int i = 0; i < 20; ++i) net.forward(sample);
  const auto begin = Clock::now();
  for (int i = 0; i < 200; ++i) net.forward(sample);
  const double predict = since(begin) / 200;
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  std::printf("{\"rival\": \"libtorch\", \"mode\": \"%s\", \"workload\": \"%s\", \"seconds_per_epoch\": %.6g, \"us_per_step\": %.6g, \"first_step_s\": %.6g, "
              "\"test_accuracy\": %.6g, \"loss_epoch_1\": %.6g, \"predict_one_us\": %.6g, \"peak_rss_mib\": %ld, \"threads\": %d, \"cpu_seconds_per_epoch\": %.6g, \"version\": \"%s\"}\n",
              mode.c_str(), workload.c_str(), seconds, seconds / double(n / bs) * 1e6, first, accuracy, parity, predict * 1e6, r.ru_maxrss / 1024, threads, cpu_seconds, TORCH_VERSION);
}
