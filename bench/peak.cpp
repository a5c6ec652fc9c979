// What this machine can do at this minute: float32 multiply-adds a second, and bytes a second from and to memory. Of cornu's times
// compare.py says what part of that they are. Prints a line of JSON.
//   cornu_peak [--threads N]
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using Clock = std::chrono::steady_clock;
constexpr int chains = 12;  // independent sums: more than latency times width of any processor so far
constexpr long rounds = 1 << 20;

// Each returns something of its sums, so that they are computed.
float portable(long n) {
  float sum[64] = {};
  for (long i = 0; i < n; ++i)
    for (float& s : sum) s = s * 0.999f + 0.001f;
  return sum[0] + sum[63];
}
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) float avx2(long n) {
  __m256 sum[chains];
  for (auto& s : sum) s = _mm256_set1_ps(1);
  const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  for (long i = 0; i < n; ++i)
#pragma GCC unroll 12
    for (int k = 0; k < chains; ++k) sum[k] = _mm256_fmadd_ps(sum[k], a, b);
  float all = 0;
  for (const auto& s : sum) all += _mm256_cvtss_f32(s);
  return all;
}
__attribute__((target("avx512f"))) float avx512(long n) {
  __m512 sum[chains];
  for (auto& s : sum) s = _mm512_set1_ps(1);
  const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (long i = 0; i < n; ++i)
#pragma GCC unroll 12
    for (int k = 0; k < chains; ++k) sum[k] = _mm512_fmadd_ps(sum[k], a, b);
  float all = 0;
  for (const auto& s : sum) all += _mm512_cvtss_f32(s);
  return all;
}
#endif

struct Arithmetic {
  const char* name;
  float (*run)(long n);
  double flops;  // of one round
};
Arithmetic best_arithmetic() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return {"AVX-512", avx512, 2.0 * 16 * chains};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {"AVX2", avx2, 2.0 * 8 * chains};
#endif
  return {"as compiled", portable, 2.0 * 64};
}

/// Seconds until all threads have done their part.
double timed(int threads, const std::function<void(int)>& part) {
  const auto start = Clock::now();
  std::vector<std::thread> team;
  for (int t = 1; t < threads; ++t) team.emplace_back(part, t);
  part(0);
  for (std::thread& t : team) t.join();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

volatile float sink;

}  // namespace

int main(int argc, char** argv) {
  int threads = 1;
  if (argc == 3 && std::string_view(argv[1]) == "--threads") std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), threads);
  if (threads < 1 || threads > 1024 || (argc != 1 && argc != 3)) {
    std::fprintf(stderr, "usage: cornu_peak [--threads N]\n");
    return 2;
  }
  const Arithmetic arithmetic = best_arithmetic();
  double flops = 0, bytes = 0;
  for (int i = 0; i < 6; ++i)
    flops = std::max(flops, threads * static_cast<double>(rounds) * arithmetic.flops / timed(threads, [&](int) { sink = arithmetic.run(rounds); }));

  constexpr size_t n = size_t{16} << 20;  // floats: 64 MiB for each of three arrays
  std::vector<float> a(n, 1.0f), b(n, 2.0f), c(n, 3.0f);
  for (int i = 0; i < 6; ++i) {
    const double seconds = timed(threads, [&](int t) {
      const size_t first = n * static_cast<size_t>(t) / static_cast<size_t>(threads), last = n * static_cast<size_t>(t + 1) / static_cast<size_t>(threads);
      for (size_t k = first; k < last; ++k) a[k] = b[k] + 0.5f * c[k];
    });
    bytes = std::max(bytes, 3.0 * 4 * static_cast<double>(n) / seconds);
  }
  sink = a[n / 2];
  std::printf("{\"float32_gflops\": %.1f, \"bandwidth_gbs\": %.1f, \"threads\": %d, \"instructions\": \"%s\"}\n", flops / 1e9, bytes / 1e9, threads, arithmetic.name);
  return 0;
}
