// The .keras archive and the .weights.h5 file, as containers: JSON texts and named tensors. What they mean, models know.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/base/config.h"
#include "cornu/io/file.h"
#include "cornu/io/hdf5_read.h"
#include "cornu/io/limits.h"

namespace cornu {

/// The tensors of a file, read one by one when asked for, so that shapes can be compared before any memory is taken.
class SavedWeights {
 public:
  struct Variable {
    std::string path;  ///< "layers/dense/vars/0"
    DType dtype = DType::float32;
    Shape shape;
  };
  struct Group {
    std::string path;                 ///< "layers/dense/vars"
    std::optional<std::string> name;  ///< the attribute "name": Keras has written the object's there since 3.6
  };

  /// `name` is the file's, for messages.
  SavedWeights(std::string name, Hdf5File file);
  /// Siblings in order: "vars/2" before "vars/10".
  const std::vector<Variable>& variables() const { return variables_; }
  const std::vector<Group>& groups() const { return groups_; }
  /// Null when there is none.
  const Variable* find(std::string_view path) const;
  bool has_group(std::string_view path) const;
  /// The bytes of all variables together.
  uint64_t total_bytes() const;
  /// Throws ArgumentError when there is no such variable; errors name the file.
  Tensor read(std::string_view path) const;

 private:
  std::string name_;
  Hdf5File file_;
  std::vector<Variable> variables_;
  std::vector<Group> groups_;
  std::map<std::string, size_t, std::less<>> index_;  // of variables_, by path
};

struct KerasArchive {
  Config config;    ///< config.json
  Config metadata;  ///< metadata.json; an empty dict when the archive has none
  SavedWeights weights;
  std::map<std::string, std::string> assets = {};  ///< texts that layers keep: "assets/layers/integer_lookup/vocabulary.txt"
};

/// Reads and checks everything but the numbers. Throws IoError, FormatError, LimitError, UnsafeError, UnsupportedError, each
/// naming the file.
KerasArchive read_keras_archive(const std::string& path, const LoadLimits& limits = {}, Io& io = system_io());
/// The same for an archive in memory.
KerasArchive parse_keras_archive(Bytes archive, const std::string& name, const LoadLimits& limits = {});
/// A .weights.h5 file.
SavedWeights read_weights_file(const std::string& path, const LoadLimits& limits = {}, Io& io = system_io());
SavedWeights parse_weights_file(Bytes file, const std::string& name, const LoadLimits& limits = {});

/// The variables of one object of a model.
struct WeightsGroup {
  std::string path;               ///< "layers/dense/vars"
  std::string name;               ///< the object's; written as the attribute "name" unless empty
  std::vector<Tensor> variables;  ///< written as "0", "1", ...
  std::vector<std::pair<std::string, Tensor>> named = {};  ///< written under names of their own: "idf_weights"
};

/// Writes metadata.json, config.json and model.weights.h5, atomically (see write_file_atomically). `metadata` holds keys
/// beyond keras_version and date_saved, which it may also set itself. Keras reads none of them. Then come the assets, by name.
void write_keras_archive(const std::string& path, const Config& config, const Config& metadata, const std::vector<WeightsGroup>& weights,
                         Io& io = system_io(), const std::map<std::string, std::string>& assets = {});
void write_weights_file(const std::string& path, const std::vector<WeightsGroup>& weights, Io& io = system_io());

/// The version of Keras whose files these are.
inline constexpr std::string_view keras_version = "3.15.1";

}  // namespace cornu
