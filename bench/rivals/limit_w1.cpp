// How fast can W1 go on ONE core, by hand? The practical limit that cornu's generic compiler is measured against.
// K-vectorised, W transposed [10][784], uint8 input, gradients never stored (Adam fused into dW), denormals flushed.
// AVX-512 only. g++ -O3 -march=native -std=c++20 limit_w1.cpp -lz -o limit_w1; ./limit_w1 [epochs] prints one line of JSON.
#include <immintrin.h>
#include <sys/resource.h>
#include <zlib.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>
using namespace std;
using V = __m512;
using C = chrono::steady_clock;
static double now() { return chrono::duration<double>(C::now().time_since_epoch()).count(); }
static vector<unsigned char> gz(const char* p, int off) {
  const char* d = getenv("FASHION_MNIST");
  string q = string(d ? d : "/usr/share/datasets/fashion-mnist") + "/" + p;
  gzFile f = gzopen(q.c_str(), "rb");
  if (!f) {
    fprintf(stderr, "no %s: install dataset-fashion-mnist\n", q.c_str());
    exit(3);
  }
  vector<unsigned char> v(off + 60000 * 784);
  int n = gzread(f, v.data(), v.size());
  gzclose(f);
  v.resize(n);
  v.erase(v.begin(), v.begin() + off);
  return v;
}
#define UN _Pragma("GCC unroll 32")
constexpr int B = 32, K = 784, O = 10;
struct alignas(64) P {
  float w1[O][K], w2[O][16], w3[O][16], b1[16], b2[16], b3[16];
};  // w2[in][out]
static P w, m, v;
alignas(64) static float sc[B * O * 16], a1[O][B], a2[O][B], z3[O][B], d1[O][B], d2[O][B];
static float d1r[B][16];
static inline V ld(const float* p) { return _mm512_load_ps(p); }
static inline void st(float* p, V a) { _mm512_store_ps(p, a); }
static inline V b_(float x) { return _mm512_set1_ps(x); }
static inline V cv(const unsigned char* p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p)));
}
static inline V expv(V x) {
  x = _mm512_max_ps(x, b_(-87));
  V n = _mm512_roundscale_ps(_mm512_mul_ps(x, b_(1.44269504f)), 8);
  V r = _mm512_fnmadd_ps(n, b_(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, b_(-2.12194440e-4f), r);
  V y = b_(1.9875691500e-4f);
  y = _mm512_fmadd_ps(y, r, b_(1.3981999507e-3f));
  y = _mm512_fmadd_ps(y, r, b_(8.3334519073e-3f));
  y = _mm512_fmadd_ps(y, r, b_(4.1665795894e-2f));
  y = _mm512_fmadd_ps(y, r, b_(1.6666665459e-1f));
  y = _mm512_fmadd_ps(y, r, b_(.5f));
  y = _mm512_fmadd_ps(y, _mm512_mul_ps(r, r), _mm512_add_ps(r, b_(1)));
  return _mm512_scalef_ps(y, n);
}
static inline V hsum16(V* a) {  // a[0..15] -> vector of the 16 sums
  UN for (int i = 0; i < 8; i++) {
    V x = _mm512_shuffle_f32x4(a[i], a[i + 8], 0x44), y = _mm512_shuffle_f32x4(a[i], a[i + 8], 0xEE);
    a[i] = _mm512_add_ps(x, y);
  }  // [i lo2 | i+8 lo2]
  UN for (int i = 0; i < 4; i++) {
    V x = _mm512_shuffle_f32x4(a[i], a[i + 4], 0x88), y = _mm512_shuffle_f32x4(a[i], a[i + 4], 0xDD);
    a[i] = _mm512_add_ps(x, y);
  }  // lanes: i,i+8,i+4,i+12
  UN for (int i = 0; i < 2; i++) {
    V x = _mm512_unpacklo_ps(a[i], a[i + 2]), y = _mm512_unpackhi_ps(a[i], a[i + 2]);
    a[i] = _mm512_add_ps(x, y);
  }
  V x = _mm512_unpacklo_ps(a[0], a[1]), y = _mm512_unpackhi_ps(a[0], a[1]);
  V s = _mm512_add_ps(x, y);  // lane q elems: 0,1,2,3 (+lane base 0,8,4,12)
  return _mm512_shuffle_f32x4(s, s, 0xD8);
}
static V k1, k2, lrv, epv;
static inline void adam(float* W, float* M_, float* V_, V G) {
  V M = ld(M_), S = ld(V_);
  M = _mm512_fmadd_ps(_mm512_sub_ps(G, M), k1, M);
  S = _mm512_fmadd_ps(_mm512_fmsub_ps(G, G, S), k2, S);
  V y = _mm512_rsqrt14_ps(_mm512_max_ps(S, b_(1e-30f)));
  V h = _mm512_mul_ps(S, y);
  h = _mm512_fmadd_ps(_mm512_fnmadd_ps(h, h, S), _mm512_mul_ps(y, b_(.5f)), h);
  V d = _mm512_add_ps(h, epv), q = _mm512_rcp14_ps(d);
  q = _mm512_mul_ps(q, _mm512_fnmadd_ps(d, q, b_(2)));
  st(W, _mm512_fnmadd_ps(_mm512_mul_ps(M, q), lrv, ld(W)));
  st(M_, M);
  st(V_, S);
}
static void fwd1(const unsigned char* const* x) {
  for (int r = 0; r < B; r += 2) {
    V a[20];
    UN for (int i = 0; i < 20; i++) a[i] = _mm512_setzero_ps();
    const unsigned char *p = x[r], *q = x[r + 1];
    for (int k = 0; k < K; k += 16) {
      V s = cv(p + k), t = cv(q + k);
      UN for (int o = 0; o < O; o++) {
        V u = ld(&w.w1[o][k]);
        a[o] = _mm512_fmadd_ps(s, u, a[o]);
        a[10 + o] = _mm512_fmadd_ps(t, u, a[10 + o]);
      }
    }
    UN for (int o = 0; o < O; o++) {
      st(sc + (o * B + r) * 16, a[o]);
      st(sc + (o * B + r + 1) * 16, a[10 + o]);
    }
  }
  for (int o = 0; o < O; o++)
    for (int h = 0; h < 2; h++) {
      V a[16];
      UN for (int i = 0; i < 16; i++) a[i] = ld(sc + (o * B + h * 16 + i) * 16);
      st(&a1[o][h * 16], _mm512_max_ps(_mm512_fmadd_ps(hsum16(a), b_(1 / 255.f), b_(w.b1[o])), _mm512_setzero_ps()));
    }
}
static inline void dense(const float (*in)[B], const float (*W)[16], const float* bias, float (*out)[B], bool relu) {
  for (int o = 0; o < O; o++) {
    V a = b_(bias[o]), c = a;
    UN for (int i = 0; i < O; i++) {
      V u = b_(W[i][o]);
      a = _mm512_fmadd_ps(u, ld(in[i]), a);
      c = _mm512_fmadd_ps(u, ld(in[i] + 16), c);
    }
    if (relu) {
      a = _mm512_max_ps(a, _mm512_setzero_ps());
      c = _mm512_max_ps(c, _mm512_setzero_ps());
    }
    st(out[o], a);
    st(out[o] + 16, c);
  }
}
static inline void back(const float (*in)[B], const float (*d)[B], float (*W)[16], float (*M)[16], float (*S)[16],
                        float (*din)[B]) {  // din masked by relu, then Adam on W
  V D[20];
  UN for (int o = 0; o < O; o++) {
    D[2 * o] = ld(d[o]);
    D[2 * o + 1] = ld(d[o] + 16);
  }
  for (int i = 0; i < O; i++) {
    V x = ld(in[i]), y = ld(in[i] + 16), a = _mm512_setzero_ps(), c = a;
    V g[16];
    UN for (int o = 0; o < O; o++) {
      V u = b_(W[i][o]);
      a = _mm512_fmadd_ps(u, D[2 * o], a);
      c = _mm512_fmadd_ps(u, D[2 * o + 1], c);
      g[o] = _mm512_fmadd_ps(x, D[2 * o], _mm512_mul_ps(y, D[2 * o + 1]));
    }
    UN for (int o = O; o < 16; o++) g[o] = _mm512_setzero_ps();
    V z = _mm512_setzero_ps();
    st(din[i], _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, z, _CMP_GT_OQ), a));
    st(din[i] + 16, _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y, z, _CMP_GT_OQ), c));
    adam(W[i], M[i], S[i], hsum16(g));
  }
}
static inline void bias(const float (*d)[B], float* b, float* M, float* S) {
  V g[16];
  UN for (int o = 0; o < O; o++) g[o] = _mm512_add_ps(ld(d[o]), ld(d[o] + 16));
  UN for (int o = O; o < 16; o++) g[o] = _mm512_setzero_ps();
  adam(b, M, S, hsum16(g));
}
static void upd1(const unsigned char* const* x,
                 const unsigned char* const* nx) {  // dW1 = d1 x, fused Adam; prefetch the next batch meanwhile
  for (int r = 0; r < B; r++)
    for (int o = 0; o < O; o++) d1r[r][o] = d1[o][r] * (1 / 255.f);
  for (int k = 0; k < 768; k += 32) {
    V a[20];
    UN for (int i = 0; i < 20; i++) a[i] = _mm512_setzero_ps();
    for (int r = 0; r < B; r++) {
      if (!(k & 32)) _mm_prefetch((const char*)nx[r] + k, _MM_HINT_T1);
      V s = cv(x[r] + k), t = cv(x[r] + k + 16);
      UN for (int o = 0; o < O; o++) {
        V u = b_(d1r[r][o]);
        a[2 * o] = _mm512_fmadd_ps(u, s, a[2 * o]);
        a[2 * o + 1] = _mm512_fmadd_ps(u, t, a[2 * o + 1]);
      }
    }
    UN for (int o = 0; o < O; o++) {
      adam(&w.w1[o][k], &m.w1[o][k], &v.w1[o][k], a[2 * o]);
      adam(&w.w1[o][k + 16], &m.w1[o][k + 16], &v.w1[o][k + 16], a[2 * o + 1]);
    }
  }
  {
    int k = 768;
    V a[10];
    UN for (int i = 0; i < 10; i++) a[i] = _mm512_setzero_ps();
    for (int r = 0; r < B; r++) {
      V s = cv(x[r] + k);
      UN for (int o = 0; o < O; o++) a[o] = _mm512_fmadd_ps(b_(d1r[r][o]), s, a[o]);
    }
    UN for (int o = 0; o < O; o++) adam(&w.w1[o][k], &m.w1[o][k], &v.w1[o][k], a[o]);
  }
}
// The initial weights of data.py: number k of splitmix64, k = layer * 2^32 + index in the (in, out) kernel.
static float u01(uint64_t layer, uint64_t i) {
  uint64_t z = ((layer << 32) + i + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return (float)(z >> 40) / 16777216.f;
}
int main(int argc, char** argv) {
  const int epochs = argc > 1 ? atoi(argv[1]) : 10;
  _mm_setcsr(_mm_getcsr() | 0x8040);
  auto x = gz("train-images-idx3-ubyte.gz", 16), y = gz("train-labels-idx1-ubyte.gz", 8),
       xt = gz("t10k-images-idx3-ubyte.gz", 16), yt = gz("t10k-labels-idx1-ubyte.gz", 8);
  const double started = now();
  int N = 60000;
  mt19937 r(1);
  auto U = [&](int layer, int i, float l) { return (2 * u01(layer, i) - 1) * l; };
  for (int i = 0; i < K; i++)
    for (int o = 0; o < O; o++) w.w1[o][i] = U(0, i * O + o, sqrt(6.f / 794));
  for (int i = 0; i < O; i++)
    for (int o = 0; o < O; o++) {
      w.w2[i][o] = U(1, i * O + o, sqrt(.3f));
      w.w3[i][o] = U(2, i * O + o, sqrt(.3f));
    }
  vector<int> ix(N);
  iota(ix.begin(), ix.end(), 0);
  double T = 0, t1 = 0, t2 = 0, t3 = 0;
  float p1 = 1, p2 = 1;
  epv = b_(1e-7f);
  k1 = b_(.1f);
  k2 = b_(.001f);
  vector<const unsigned char*> xp(N + B);
  double L = 0, L1 = 0, first = 0;
  const P start = w;
  for (int ep = -1; ep < epochs; ep++) {  // -1: in the files' order, for loss_epoch_1; untimed
    if (ep == 0) {
      w = start;
      memset(&m, 0, sizeof m);
      memset(&v, 0, sizeof v);
      p1 = p2 = 1;
      T = t1 = t2 = t3 = 0;
    }
    double t = now();
    if (ep >= 0) shuffle(ix.begin(), ix.end(), r);
    for (int i = 0; i < N; i++) xp[i] = &x[(size_t)ix[i] * K];
    for (int i = 0; i < B; i++) xp[N + i] = xp[i];
    L = 0;
    for (int s = 0; s < N; s += B) {
      const unsigned char* const* X = &xp[s];
      double u0 = now();
      fwd1(X);
      double u1 = now();
      dense(a1, w.w2, w.b2, a2, true);
      dense(a2, w.w3, w.b3, z3, false);
      for (int h = 0; h < B; h += 16) {
        V mx = ld(z3[0] + h);
        for (int o = 1; o < O; o++) mx = _mm512_max_ps(mx, ld(z3[o] + h));
        V e[O], S = _mm512_setzero_ps();
        UN for (int o = 0; o < O; o++) {
          e[o] = expv(_mm512_sub_ps(ld(z3[o] + h), mx));
          S = _mm512_add_ps(S, e[o]);
        }
        V q = _mm512_div_ps(b_(1.f / B), S);
        UN for (int o = 0; o < O; o++) st(z3[o] + h, _mm512_mul_ps(e[o], q));
      }
      for (int i = 0; i < B; i++) {
        float& z = z3[y[ix[s + i]]][i];
        L -= logf(z * B + 1e-7f);
        z -= 1.f / B;
      }
      p1 *= .9f;
      p2 *= .999f;
      lrv = b_(1e-3f * sqrtf(1 - p2) / (1 - p1));
      back(a2, z3, w.w3, m.w3, v.w3, d2);
      bias(z3, w.b3, m.b3, v.b3);
      back(a1, d2, w.w2, m.w2, v.w2, d1);
      bias(d2, w.b2, m.b2, v.b2);
      bias(d1, w.b1, m.b1, v.b1);
      double u2 = now();
      upd1(X, X + B);
      double u3 = now();
      t1 += u1 - u0;
      t2 += u2 - u1;
      t3 += u3 - u2;
      if (!first) first = u3 - started;
    }
    T += now() - t;
    if (ep < 0) L1 = L / N;
  }
  int ok = 0;
  for (int s = 0; s + B <= 10000; s += B) {
    const unsigned char* X[B];
    for (int i = 0; i < B; i++) X[i] = &xt[(size_t)(s + i) * K];
    fwd1(X);
    dense(a1, w.w2, w.b2, a2, true);
    dense(a2, w.w3, w.b3, z3, false);
    for (int i = 0; i < B; i++) {
      int b = 0;
      for (int o = 1; o < O; o++)
        if (z3[o][i] > z3[b][i]) b = o;
      ok += b == yt[s + i];
    }
  }
  {
    const unsigned char* X[B];
    for (auto& q : X) q = &x[0];
    double t = now();
    int R = 20000;
    float acc = 0;
    for (int it = 0; it < R; it++) {
      const unsigned char* p = &x[(it % 1000) * K];
      V a[10];
      UN for (int o = 0; o < O; o++) a[o] = _mm512_setzero_ps();
      for (int k = 0; k < K; k += 16) {
        V s = cv(p + k);
        UN for (int o = 0; o < O; o++) a[o] = _mm512_fmadd_ps(s, ld(&w.w1[o][k]), a[o]);
      }
      V g[16];
      UN for (int o = 0; o < 10; o++) g[o] = a[o];
      UN for (int o = 10; o < 16; o++) g[o] = _mm512_setzero_ps();
      V h = _mm512_max_ps(_mm512_fmadd_ps(hsum16(g), b_(1 / 255.f), ld(w.b1)), _mm512_setzero_ps());
      alignas(64) float H[16];
      for (auto W : {w.w2, w.w3}) {
        st(H, h);
        V z = W == w.w2 ? ld(w.b2) : ld(w.b3);
        UN for (int i = 0; i < O; i++) z = _mm512_fmadd_ps(b_(H[i]), ld(W[i]), z);
        h = W == w.w2 ? _mm512_max_ps(z, _mm512_setzero_ps()) : z;
      }
      V e = expv(_mm512_sub_ps(h, b_(_mm512_mask_reduce_max_ps(0x3ff, h))));
      acc += _mm512_mask_reduce_add_ps(1, _mm512_div_ps(e, b_(_mm512_mask_reduce_add_ps(0x3ff, e))));
    }
    t = (now() - t) / R * 1e6;
    const double steps = epochs * (N / B);
    rusage ru;
    getrusage(RUSAGE_SELF, &ru);
    printf(
        "{\"rival\": \"hand-written\", \"mode\": \"avx512\", \"workload\": \"W1\", \"seconds_per_epoch\": %.6g, \"us_per_step\": "
        "%.6g, \"first_step_s\": %.6g, \"import_s\": 0, \"test_accuracy\": %.4f, \"loss_epoch_1\": %.6g, \"predict_one_us\": "
        "%.6g, \"peak_rss_mib\": %ld, \"threads\": 1, \"forward_1_us\": %.4g, \"small_us\": %.4g, \"update_1_us\": %.4g, "
        "\"sum\": %.4g}\n",
        T / epochs, T / steps * 1e6, first, ok / 9984., L1, t, ru.ru_maxrss / 1024, t1 / steps * 1e6, t2 / steps * 1e6,
        t3 / steps * 1e6, acc);
  }
}
