// Scalar helpers of pointwise.def whose result the standard library does not give in one call.
#pragma once
#include <cstdint>

namespace cornu {

double scalar_softplus(double x);
double scalar_gelu(double x);
double scalar_gelu_slope(double x);
double scalar_logaddexp(double a, double b);
double scalar_maximum(double a, double b);
double scalar_minimum(double a, double b);
int64_t scalar_maximum(int64_t a, int64_t b);
int64_t scalar_minimum(int64_t a, int64_t b);
/// floor(a / b) of the exact quotient, as NumPy does; integers give 0 where b = 0.
double scalar_floor_divide(double a, double b);
int64_t scalar_floor_divide(int64_t a, int64_t b);
/// a - b floor(a / b), exact, with the sign of b, as NumPy does; integers give 0 where b = 0.
double scalar_mod(double a, double b);
int64_t scalar_mod(int64_t a, int64_t b);

}  // namespace cornu
