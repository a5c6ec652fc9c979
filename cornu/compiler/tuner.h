// Autotuning: which of the kernels that an op offers is the fastest here, found out by trying, and remembered.
#pragma once
#include <map>
#include <set>

#include "cornu/graph/graph.h"

namespace cornu {

/// Where the answers of this user are kept: $XDG_CACHE_HOME/cornu/kernels.txt, or ~/.cache/cornu/kernels.txt; "" without either.
std::string tuning_path();

/// The answers of one machine: for a question (a hash of an op, its types and what was offered) the name of a kernel.
using Tunings = std::map<uint64_t, std::string>;
/// Those in the file at `path`. Whatever else is there, or nothing, is no answers: at most 1 MiB of a plain file is looked at, and
/// what is read from it only picks among kernels that the op offers anyway.
Tunings read_tunings(const std::string& path, uint64_t machine);
/// Adds them to the file, which is replaced as a whole; answers of other machines stay, the oldest go when there are too many. Makes
/// the folder. False where that is refused: the next process then tries again.
bool add_tunings(const std::string& path, uint64_t machine, const Tunings& news);

class Tuner {
 public:
  struct Options {
    bool reproducible = true;  // only kernels that give the same bits as the one that would be taken untuned
    double seconds = 0.2;      // for all that is tried; what comes later is taken untuned, and not remembered
    std::string path = tuning_path();
  };
  Tuner(const Machine& machine, Options options);

  /// The one of the op's kernels that is to be used.
  Kernel choose(const Op& op, const KernelRequest& request);
  /// Writes what is new. Done once, when everything is compiled.
  void keep();

  int tried() const { return tried_; }        // questions that were answered by trying
  int remembered() const { return recalled_; }  // by the file, or earlier in this compilation

 private:
  size_t fastest(const std::vector<Kernel>& kernels, const KernelRequest& request);

  Options options_;
  uint64_t machine_;
  Tunings known_, news_;
  std::set<uint64_t> unanswered_;  // no time was left for them
  double seconds_left_;
  int tried_ = 0, recalled_ = 0;
};

}  // namespace cornu
