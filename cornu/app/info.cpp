// cornu info
#include <zlib.h>

#include <array>
#include <memory>

#include "cornu/app/command.h"
#include "cornu/app/output.h"
#include "cornu/kernels/gemm.h"
#include "cornu/kernels/library.h"
#include "cornu/kernels/machine.h"

#if __has_include(<libxsmm_version.h>)
#include <libxsmm_version.h>
#endif
#include <hwy/highway.h>

namespace cornu::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  cornu info           for people, and for reports of what goes wrong\n"
    "  cornu info --json    for machines\n";

#if defined(__clang__)
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

/// oneDNN 2.x; the layout of what dnnl_version() returns.
struct DnnlVersion {
  int major, minor, patch;
  const char* hash;
  unsigned cpu_runtime, gpu_runtime;
};

std::string onednn_version() {
  const DnnlVersion* (*version)() = nullptr;
  if (!find_function(version, "libdnnl.so.2", "dnnl_version")) return "";
  return text(version()->major, ".", version()->minor, ".", version()->patch);
}

std::string openblas_version() {
  char* (*config)() = nullptr;
  if (!find_function(config, "libopenblas.so.0", "openblas_get_config")) return "";
  const std::string all = config();  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  const size_t begin = all.find(' ') + 1;
  return all.substr(begin, all.find(' ', begin) - begin);
}

std::string xsmm_version(const Machine& machine) {
  if (!machine.avx2) return "";
  // The library itself is not asked: it begins by filling ten MiB of tables.
#if !defined(CORNU_HAS_XSMM)
  return "";
#elif defined(LIBXSMM_CONFIG_VERSION)
  return LIBXSMM_CONFIG_VERSION;
#else
  return "present";
#endif
}

std::vector<std::string> features(const Machine& m) {
  std::vector<std::string> list;
  if (m.avx2) list.push_back("AVX2");
  if (m.avx512) list.push_back("AVX-512");
  if (m.avx512_bf16) list.push_back("AVX-512-BF16");
  if (m.amx_bf16) list.push_back("AMX-BF16");
  return list;
}

struct Library {
  std::string name, version, use;
};
std::vector<Library> libraries(const Machine& machine) {
  return {{"libxsmm", xsmm_version(machine), "matrix products"},
          {"oneDNN", onednn_version(), "matrix products in bfloat16"},
          {"OpenBLAS", openblas_version(), "large matrix products"},
          {"Highway", text(HWY_MAJOR, ".", HWY_MINOR, ".", HWY_PATCH), "vectors"},
          {"zlib", zlibVersion(), ".gz and .keras files"}};
}

struct Product {
  const char* what;
  Gemm gemm;
};
/// Products of typical layers at a batch of 32, and what would be run for them here.
std::array<Product, 4> products() {
  return {{{"dense 784 to 10, forward", {.m = 32, .n = 10, .k = 784, .transpose_b = true}},
           {"dense 784 to 10, backward", {.m = 784, .n = 10, .k = 32, .transpose_a = true}},
           {"dense 512 to 512, forward", {.m = 32, .n = 512, .k = 512}},
           {"1024 x 1024 x 1024", {.m = 1024, .n = 1024, .k = 1024}}}};
}

int info(bool json) {
  const Machine& machine = this_machine();
  const std::string name = machine.name.empty() ? "unknown" : machine.name;
  if (json) {
    Config all = Config::dict(), libs = Config::dict(), kernels = Config::dict();
    Config::List list;
    for (const std::string& f : features(machine)) list.push_back(f);
    for (const Library& l : libraries(machine)) libs.set(l.name, l.version.empty() ? Config() : Config(l.version));
    for (const Product& p : products()) kernels.set(p.what, gemm_kernels(p.gemm, machine)[0].name);
    all.set("version", CORNU_VERSION).set("cpu", name).set("features", std::move(list)).set("threads", machine.cores);
    all.set("kernels", std::move(kernels)).set("libraries", std::move(libs));
    all.set("build", CORNU_BUILD_TYPE).set("compiler", compiler);
    print(json_line(all));
    return 0;
  }
  std::string out = text("cornu ", CORNU_VERSION, ", ", CORNU_BUILD_TYPE, " build by ", compiler, "\n\n");
  out += text("Processor   ", name, "\n");
  std::string known;
  for (const std::string& f : features(machine)) known += (known.empty() ? "" : ", ") + f;
  out += text("Features    ", known.empty() ? "none beyond the baseline" : known, "\n");
  out += text("Threads     ", machine.cores, machine.cores == 1 ? " core" : " cores", " for this process (affinity and cgroup)\n\nKernels chosen for\n");
  const auto row = [](std::string left, const std::string& right) { return "  " + left + std::string(left.size() < 38 ? 38 - left.size() : 1, ' ') + right + "\n"; };
  for (const Product& p : products()) out += row(p.what, gemm_kernels(p.gemm, machine)[0].name);
  out += "\nLibraries\n";
  for (const Library& l : libraries(machine)) {
    const std::string version = l.version.empty() ? "not found; cornu does without" : l.version;
    out += row(text(l.name, " (", l.use, ")"), version);
  }
  print(out);
  return 0;
}

}  // namespace

Command info_command() {
  auto json = std::make_shared<bool>(false);
  const auto declare = [json](Flags& flags) {
    flags.section("Options");
    flags.flag("--json", *json, "one line of JSON");
  };
  return {"info", "tells about the processor, kernels, libraries and this build", examples, declare, [json] { return info(*json); }};
}

}  // namespace cornu::app
