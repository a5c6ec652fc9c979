#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "cornu/base/team.h"

namespace cornu {
namespace {

int cores_in_affinity_mask() {
  for (size_t cpus = 1024; cpus <= 1 << 20; cpus *= 2) {  // the kernel wants a mask of at least its own size
    std::vector<cpu_set_t> mask(cpus / 8 / sizeof(cpu_set_t));
    if (sched_getaffinity(0, cpus / 8, mask.data()) == 0) return std::max(1, CPU_COUNT_S(cpus / 8, mask.data()));
  }
  return 1;
}

/// Quota / period of one directory of cgroup v2 ("cpu.max": "max 100000" or "150000 100000") or v1; infinite where none is set.
double quota_in(const std::string& directory) {
  double quota = -1, period = 0;
  if (std::ifstream v2(directory + "/cpu.max"); v2) {
    v2 >> quota >> period;  // fails, leaving no quota, at the word max
    if (!v2) quota = -1;
  } else {
    std::ifstream(directory + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(directory + "/cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

/// The least quota of this process's cgroup and those around it. Lines of /proc/self/cgroup: "0::/a/b" (v2),
/// "4:cpu,cpuacct:/a/b".
double cores_in_cgroup() {
  double least = std::numeric_limits<double>::infinity();
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool v2 = controllers == ",,";
    if (!v2 && controllers.find(",cpu,") == std::string::npos) continue;
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      while (!path.empty() && path.back() == '/') path.pop_back();
      least = std::min(least, quota_in((v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu") + path));
      if (path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

}  // namespace

int available_cores() {
  const double cores = std::min<double>(cores_in_affinity_mask(), cores_in_cgroup());
  return std::max(1, static_cast<int>(cores));
}

}  // namespace cornu
