// OpenNN on W1 or W2: opennn_w W1|W2 [--threads N]; one line of JSON. Built by compare.py --opennn against a checkout (see README.md).
// As its own benchmarks train: softmax on the last Dense, CrossEntropy, AdaptiveMomentEstimation (whose epsilon is 1e-8), the
// images as rows of its data matrix; one call of train() for all epochs, whose log is off.
#include <sys/resource.h>
#include <zlib.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "opennn/adaptive_moment_estimation.h"
#include "opennn/dense_layer.h"
#include "opennn/device_backend.h"
#include "opennn/neural_network.h"
#include "opennn/tabular_dataset.h"
#include "opennn/training_strategy.h"

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
  if (!f) std::fprintf(stderr, "no %s: install dataset-fashion-mnist\n", name.c_str()), std::exit(1);
  std::vector<uint8_t> bytes(64 << 20);
  const int n = gzread(f, bytes.data(), unsigned(bytes.size()));
  gzclose(f);
  return {bytes.begin() + long(header), bytes.begin() + n};
}

/// Rows of pixel / 255 and, for training, the label one-hot behind them.
static MatrixR rows(const std::string& images, const std::string& labels, bool one_hot) {
  const auto x = idx(images, 16), y = idx(labels, 8);
  MatrixR m = MatrixR::Zero(long(y.size()), one_hot ? 794 : 784);
  for (long i = 0; i < m.rows(); ++i) {
    for (long j = 0; j < 784; ++j) m(i, j) = float(x[size_t(i * 784 + j)]) / 255;
    if (one_hot) m(i, 784 + y[size_t(i)]) = 1;
  }
  return m;
}

// data.py's uniform(): the same first weights for every rival.
static float uniform(uint64_t i, uint64_t seed) {
  uint64_t z = (i + (seed << 32) + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return float((z ^ (z >> 31)) >> 40) / float(1 << 24);
}

int main(int argc, char** argv) {
  const std::string workload = argc > 1 ? argv[1] : "W1";
  int threads = 2;
  for (int i = 1; i + 1 < argc; ++i)
    if (std::string(argv[i]) == "--threads") threads = std::atoi(argv[i + 1]);
  opennn::Backend::instance().set_threads_number(threads);
  const std::vector<long> sizes = workload == "W1" ? std::vector<long>{784, 10, 10, 10} : std::vector<long>{784, 512, 512, 10};
  const long batch = workload == "W1" ? 32 : 128;

  const auto data = [](const MatrixR& m) {
    auto set = std::make_unique<opennn::TabularDataset>(m.rows(), opennn::Shape{784}, opennn::Shape{10});
    set->set_data(m);
    set->set_sample_roles("Training");
    set->set_variable_scalers("None");
    set->set_display(false);
    return set;
  };
  const auto network = [&] {
    auto net = std::make_unique<opennn::NeuralNetwork>();
    for (size_t l = 0; l + 1 < sizes.size(); ++l)
      net->add_layer(std::make_unique<opennn::Dense>(opennn::Shape{sizes[l]}, opennn::Shape{sizes[l + 1]}, l + 2 < sizes.size() ? "ReLU" : "Softmax", false,
                                                     "dense_" + std::to_string(l)));
    net->compile();
    // Its parameters: for each layer the bias, then the kernel, each at a multiple of 64 bytes.
    VectorR weights = VectorR::Zero(net->get_parameters_size());
    const auto padded = [](long n) { return (n + 15) / 16 * 16; };
    long at = 0;
    for (size_t l = 0; l + 1 < sizes.size(); ++l) {
      const long n = sizes[l], m = sizes[l + 1];
      const float limit = std::sqrt(6.f / float(n + m));
      at += padded(m);
      for (long i = 0; i < n * m; ++i) weights[at + i] = (2 * uniform(uint64_t(i), l) - 1) * limit;
      at += padded(n * m);
    }
    if (at != weights.size()) std::fprintf(stderr, "OpenNN keeps %ld parameters, not %ld\n", long(weights.size()), at), std::exit(1);
    net->set_parameters(weights);
    return net;
  };
  const auto train = [&](opennn::NeuralNetwork& net, opennn::TabularDataset& set, long epochs, bool shuffle) {
    opennn::TrainingStrategy strategy(&net, &set);
    strategy.set_loss("CrossEntropy");
    strategy.get_loss()->set_regularization("None");
    strategy.set_optimization_algorithm("AdaptiveMomentEstimation");
    auto* adam = dynamic_cast<opennn::AdaptiveMomentEstimation*>(strategy.get_optimization_algorithm());
    adam->set_batch_size(batch), adam->set_maximum_epochs(epochs), adam->set_shuffle(shuffle), adam->set_display(false), adam->set_learning_rate(1e-3f);
    return strategy.train().get_training_error();
  };

  const MatrixR all = rows("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", true);
  const auto started = Clock::now();
  {
    auto one = data(all.topRows(batch));
    auto net = network();
    train(*net, *one, 1, false);
  }
  const double first = since(started);
  auto set = data(all);
  const double loss = train(*network(), *set, 1, false);
  const auto net = network();
  train(*net, *set, 1, true);  // a warm epoch, as the others have
  const int epochs = 3;
  const auto begin = Clock::now();
  const double begin_cpu = cpu();
  train(*net, *set, epochs, true);
  const double seconds = since(begin) / epochs, cpu_seconds = (cpu() - begin_cpu) / epochs;

  const MatrixR xt = rows("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", false);
  const auto yt = idx("t10k-labels-idx1-ubyte.gz", 8);
  const MatrixR out = net->calculate_outputs(xt);
  long right = 0;
  for (long i = 0; i < out.rows(); ++i) {
    long best = 0;
    out.row(i).maxCoeff(&best);
    right += best == yt[size_t(i)];
  }
  const MatrixR sample = xt.topRows(1);
  for (int i = 0; i < 20; ++i) net->calculate_outputs(sample);
  const auto predicting = Clock::now();
  for (int i = 0; i < 2000; ++i) net->calculate_outputs(sample);
  const double predict = since(predicting) / 2000;
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  std::printf("{\"rival\": \"opennn\", \"mode\": \"plain\", \"workload\": \"%s\", \"seconds_per_epoch\": %.6g, \"us_per_step\": %.6g, \"first_step_s\": %.6g, "
              "\"test_accuracy\": %.6g, \"loss_epoch_1\": %.6g, \"predict_one_us\": %.6g, \"peak_rss_mib\": %ld, \"threads\": %d, \"cpu_seconds_per_epoch\": %.6g}\n",
              workload.c_str(), seconds, seconds / double(60000 / batch) * 1e6, first, double(right) / double(out.rows()), loss, predict * 1e6, r.ru_maxrss / 1024, threads,
              cpu_seconds);
}
