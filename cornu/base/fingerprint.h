// Hashes of text that are the same everywhere and for ever: what TensorFlow, and so Keras, sorts words into bins by.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace cornu {

/// FarmHash's Fingerprint64 (Pike and Alakuijala, 2014): tf.strings.to_hash_bucket_fast takes it modulo the number of bins.
uint64_t fingerprint64(std::string_view bytes);

/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) under a key of 128 bits:
/// tf.strings.to_hash_bucket_strong takes it modulo the number of bins.
uint64_t siphash64(std::string_view bytes, std::array<uint64_t, 2> key);

}  // namespace cornu
