// Special members that are compiled once. Copying and destroying a class that is made of the standard library's templates costs
// every file that does it the time to instantiate them all; handles that users hold by value are spared it.
//
//   class Shape {
//    public:
//     Shape() = default;
//     CORNU_SPECIAL_MEMBERS(Shape)          // in its .cpp: CORNU_DEFINE_SPECIAL_MEMBERS(Shape)
#pragma once

#define CORNU_SPECIAL_MEMBERS(T)  \
  T(const T&);                    \
  T(T&&) noexcept;                \
  T& operator=(const T&);         \
  T& operator=(T&&) noexcept;     \
  ~T();

#define CORNU_DEFINE_SPECIAL_MEMBERS(T)      \
  T::T(const T&) = default;                  \
  T::T(T&&) noexcept = default;              \
  T& T::operator=(const T&) = default;       \
  T& T::operator=(T&&) noexcept = default;   \
  T::~T() = default;
