// Which kernels a Tuner chooses, and what it makes of its file.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cornu/compiler/compile.h"
#include "cornu/compiler/tuner.h"
#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

namespace files = std::filesystem;

/// A folder of this test alone.
struct Folder {
  files::path path = files::temp_directory_path() / text("cornu-tuner-", static_cast<int64_t>(::getpid()));
  Folder() { files::remove_all(path), files::create_directories(path); }
  ~Folder() { files::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
std::string read(const std::string& path) {
  std::stringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  return all.str();
}

}  // namespace

/// An op whose first kernel is slow; the others are fast, but one adds up in another order and one gets another sum.
struct Summing {
  static inline int runs = 0;
  CORNU_FIELDS()
  bool operator==(const Summing&) const = default;
  struct Rules;
};

template <> const OpRules& rules<Summing>();

namespace {

template <int step, bool slow> Kernel summing(const char* name, int64_t n, Numerics numerics) {
  Kernel k = make_kernel<int64_t>(name, n, [](const int64_t& count, void* const* buffers, int, void*) {
    ++Summing::runs;
    const auto* x = static_cast<const float*>(buffers[0]);
    float all = 0;
    for (int repeat = 0; repeat < (slow ? 40 : 1); ++repeat) {
      float sum = 0;
      for (int64_t first = 0; first < step; ++first)
        for (int64_t i = first; i < count; i += step) sum += x[i];
      all = sum + all * 0;
    }
    *static_cast<float*>(buffers[1]) = all;
  });
  k.numerics = numerics;
  return k;
}

}  // namespace

struct Summing::Rules : Summing {
  static constexpr std::string_view name = "summing", doc = "for this test";
  std::vector<TensorType> infer(Types in) const { return {{in[0].dtype, {}}}; }
  std::vector<Value> gradient(const Derivation&) const { return {Value{}}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const int64_t n = r.in[0].shape.elements();
    return {summing<1, true>("slow", n, Numerics::exact), summing<2, false>("other_order", n, Numerics::exact), summing<1, false>("fast", n, Numerics::exact),
            summing<3, false>("other_class", n, Numerics::blocked)};
  }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(Summing)

namespace {

const std::vector<TensorType> in = {{DType::float32, {4096}}}, out = {{DType::float32, {}}};
std::string chosen(Tuner& tuner, const Op& op = Summing{}) { return tuner.choose(op, {in, out, this_machine()}).name; }

}  // namespace

TEST_CASE("a tuner takes the fastest kernel that gives the same bits as the first; others only where nothing has to be reproducible") {
  Tuner same({}, {.path = ""});
  CHECK(chosen(same) == "fast");
  CHECK(same.tried() == 1);
  Tuner any({}, {.reproducible = false, .path = ""});
  CHECK(chosen(any) != "slow");
  CHECK(any.tried() == 1);
}

TEST_CASE("what was found out once is not tried again, in this process or in the next") {
  const Folder folder;
  const std::string path = folder.file("a/b/kernels.txt");
  Tuner first({}, {.path = path});
  chosen(first), chosen(first);
  CHECK(first.tried() == 1);
  CHECK(first.remembered() == 1);
  first.keep();
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);

  const int runs = Summing::runs;
  Tuner second({}, {.path = path});
  CHECK(chosen(second) == "fast");
  CHECK(second.tried() == 0);
  CHECK(Summing::runs == runs);
  Machine other;
  other.name = "another processor";
  Tuner elsewhere(other, {.path = path});
  chosen(elsewhere);
  CHECK(elsewhere.tried() == 1);
  Tuner any({}, {.reproducible = false, .path = path});  // another question
  chosen(any);
  CHECK(any.tried() == 1);
}

TEST_CASE("without time nothing is tried, and nothing is remembered") {
  const Folder folder;
  Tuner tuner({}, {.seconds = 0, .path = folder.file("kernels.txt")});
  CHECK(chosen(tuner) == "slow");
  CHECK(tuner.tried() == 0);
  tuner.keep();
  CHECK_FALSE(files::exists(folder.file("kernels.txt")));
}

TEST_CASE("a file of answers that is damaged, hostile or none is no answers") {
  const Folder folder;
  const std::string path = folder.file("kernels.txt"), good = "cornu kernels 1\n00000000000000aa 00000000000000bb gemm.packed\n";
  write(path, good);
  CHECK(read_tunings(path, 0xaa) == Tunings{{0xbb, "gemm.packed"}});
  CHECK(read_tunings(path, 0xab).empty());
  write(path, good + "nonsense\n00000000000000aa 0000000000000ccc \n00000000000000aa 00000000000000cc ../../x\n00000000000000aa 00000000000000zz a\n" +
                  std::string(100, 'x') + "\n00000000000000aa 00000000000000dd b");
  CHECK(read_tunings(path, 0xaa) == Tunings{{0xbb, "gemm.packed"}, {0xdd, "b"}});
  write(path, "cornu kernels 2\n00000000000000aa 00000000000000bb gemm.packed\n");
  CHECK(read_tunings(path, 0xaa).empty());
  write(path, good + std::string(2 << 20, '\n'));
  CHECK(read_tunings(path, 0xaa).empty());
  CHECK(read_tunings(folder.file("missing"), 0xaa).empty());
  CHECK(read_tunings(folder.path.string(), 0xaa).empty());
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK(read_tunings(folder.file("pipe"), 0xaa).empty());  // and does not wait for somebody to write
}

TEST_CASE("a name from the file that the op does not offer is not used, nor one that would change bits") {
  const Folder folder;
  const std::string path = folder.file("kernels.txt");
  Tuner first({}, {.path = path});
  chosen(first);
  first.keep();
  for (const char* name : {"unheard_of", "other_class"}) {
    std::string lines = read(path);
    lines.replace(lines.rfind(' ') + 1, std::string::npos, text(name, "\n"));
    write(path, lines);
    Tuner second({}, {.path = path});
    CHECK(chosen(second) == "fast");
    CHECK(second.tried() == 1);
  }
}

TEST_CASE("answers are added to those of other machines, the oldest go when there are too many, and a refusal leaves nothing behind") {
  const Folder folder;
  const std::string path = folder.file("kernels.txt");
  CHECK(add_tunings(path, 1, {{2, "a"}}));
  CHECK(add_tunings(path, 3, {{2, "b"}, {4, "c"}}));
  CHECK(add_tunings(path, 3, {{4, "d"}}));
  CHECK(read_tunings(path, 1) == Tunings{{2, "a"}});
  CHECK(read_tunings(path, 3) == Tunings{{2, "b"}, {4, "d"}});
  Tunings many;
  for (uint64_t i = 0; i < 4096; ++i) many[i] = "e";
  CHECK(add_tunings(path, 5, many));
  CHECK(read_tunings(path, 1).empty());
  CHECK(read_tunings(path, 5).size() == 4096);
  write(folder.file("plain"), "");
  CHECK_FALSE(add_tunings(folder.file("plain/kernels.txt"), 1, {{2, "a"}}));
  files::create_directories(folder.file("taken/kernels.txt/x"));
  CHECK_FALSE(add_tunings(folder.file("taken/kernels.txt"), 1, {{2, "a"}}));
  int left = 0;
  for (const auto& entry : files::directory_iterator(folder.file("taken"))) left += entry.path().filename() != "kernels.txt";
  CHECK(left == 0);
}

TEST_CASE("answers are kept in the user's cache folder, and nowhere without a home") {
  const auto set = [](const char* name, const char* value) { value ? ::setenv(name, value, 1) : ::unsetenv(name); };
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  const std::string old_cache = cache ? cache : "", old_home = home ? home : "";
  set("XDG_CACHE_HOME", "/c"), set("HOME", "/h");
  CHECK(tuning_path() == "/c/cornu/kernels.txt");
  set("XDG_CACHE_HOME", "relative");
  CHECK(tuning_path() == "/h/.cache/cornu/kernels.txt");
  set("XDG_CACHE_HOME", nullptr), set("HOME", nullptr);
  CHECK(tuning_path().empty());
  if (cache) set("XDG_CACHE_HOME", old_cache.c_str());
  if (home) set("HOME", old_home.c_str());
}

TEST_CASE("a tuned Program gives the bits of an untuned one") {
  Graph g;
  const Value a = g.input("a", {DType::float32, {96, 300}}), b = g.input("b", {DType::float32, {300, 40}}), c = g.input("c", {DType::float32, {96, 40}});
  g.output(relu(matmul(a, b) + c));
  g.output(matmul(a, c, {.transpose_a = true}));
  Tensor numbers(DType::float32, {300 * 96});
  int i = 0;
  for (float& v : numbers.mutable_values<float>()) v = static_cast<float>((i++ * 37) % 101 - 50) / 77;
  const auto run = [&](const CompileOptions& how) {
    Execution e(compile(g, how), nullptr);
    for (int k = 0; k < 3; ++k) e.bind_input(k, numbers.data());
    e.run();
    return std::pair{e.output_tensor(0), e.output_tensor(1)};
  };
  const auto tuner = std::make_shared<Tuner>(this_machine(), Tuner::Options{.path = ""});
  CHECK(run({.tune = true, .tuner = tuner}) == run({}));
}

}  // namespace cornu
