// Small data and models in a folder that goes away.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "command.h"

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cornu-app-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return (path / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
    return *this / name;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path)) all.push_back(entry.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }
};

inline std::string idx(std::vector<int> sizes, const std::string& bytes) {
  std::string file = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const int size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(size >> shift & 255);
  return file + bytes;
}

/// Images of 4 x 4 with one bright row out of three, which is their class; the rest is noise.
struct Images : Folder {
  std::string x, y;
  explicit Images(int count = 300) {
    std::string pixels, labels;
    unsigned noise = 1;
    for (int i = 0; i < count; ++i) {
      const int label = i % 3;
      labels += static_cast<char>(label);
      for (int p = 0; p < 16; ++p) {
        noise = noise * 1664525u + 1013904223u;
        pixels += static_cast<char>((p / 4 == label ? 150 : 0) + static_cast<int>(noise >> 25) % 100);
      }
    }
    x = write("x.idx", idx({count, 4, 4}, pixels));
    y = write("y.idx", idx({count}, labels));
  }
  Arguments data() const { return {"--x", x, "--y", y}; }
  Arguments train(const std::string& save, const Arguments& more = {}) const {
    return Arguments{"train", "--layers", "dense:8:relu dense:3:softmax", "--save", save} + data() + more;
  }
};

/// price = 2 size + rooms, and a name.
inline std::string table() {
  std::string csv = "size,rooms,kind,price\n";
  for (int i = 0; i < 60; ++i) {
    const double size = (i * 7 % 13) / 13.0;
    csv += std::to_string(size) + "," + std::to_string(i % 4) + "," + (i % 2 ? "flat" : "house") + "," + std::to_string(2 * size + i % 4) + "\n";
  }
  return csv;
}
