#include "cornu/io/keras_archive.h"

#include <ctime>

#include "cornu/io/hdf5_write.h"
#include "cornu/io/json.h"
#include "cornu/io/zip.h"

namespace cornu {
namespace {

constexpr std::string_view weights_member = "model.weights.h5";

SavedWeights open_weights(ByteView bytes, std::shared_ptr<const void> owner, const std::string& name, Budget& budget) {
  return with_context(name, [&] { return SavedWeights(name, Hdf5File(bytes, std::move(owner), budget)); });
}

const ZipMember& only_member(const ZipReader& zip, std::string_view wanted, const std::string& name) {
  const ZipMember* member = zip.find(wanted);
  require<FormatError>(member, name, ": no ", wanted, " in the archive; is this a .keras file?");
  return *member;
}

/// The bytes of a member and what keeps them alive.
struct Member {
  ByteView bytes;
  std::shared_ptr<const void> owner;
};

Member read_member(const ZipReader& zip, const ZipMember& member, const std::shared_ptr<const Bytes>& archive) {
  auto scratch = std::make_shared<Bytes>();
  const ByteView bytes = zip.read(member, *scratch);
  if (scratch->empty()) return {bytes, archive};
  return {bytes, std::move(scratch)};
}

ZipTime now_for_zip(const tm& t) { return {t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec}; }

tm local_now() {
  const time_t now = time(nullptr);
  tm local{};
  localtime_r(&now, &local);
  return local;
}

Parts weights_parts(const std::vector<WeightsGroup>& weights) {
  Hdf5Writer file;
  for (const WeightsGroup& group : weights) {
    file.add_group(group.path, group.name.empty() ? Hdf5Writer::TextAttributes{} : Hdf5Writer::TextAttributes{{"name", group.name}});
    for (size_t i = 0; i < group.variables.size(); ++i) file.add_dataset(group.path + "/" + std::to_string(i), group.variables[i]);
    for (const auto& [name, tensor] : group.named) file.add_dataset(group.path + "/" + name, tensor);
  }
  return file.finish();
}

Bytes bytes_of_text(std::string_view s) { return {view_of(s).begin(), view_of(s).end()}; }

}  // namespace

SavedWeights::SavedWeights(std::string name, Hdf5File file) : name_(std::move(name)), file_(std::move(file)) {
  for (const Hdf5Object& object : file_.objects()) {
    if (!object.is_group) {
      index_.emplace(object.path, variables_.size());
      variables_.push_back({object.path, object.dtype, object.shape});
    } else if (!object.path.empty()) {
      groups_.push_back({object.path, file_.attribute(object.path, "name")});
    }
  }
}

const SavedWeights::Variable* SavedWeights::find(std::string_view path) const {
  const auto found = index_.find(path);
  return found == index_.end() ? nullptr : &variables_[found->second];
}

bool SavedWeights::has_group(std::string_view path) const {
  const Hdf5Object* object = file_.find(path);
  return object && object->is_group;
}

uint64_t SavedWeights::total_bytes() const {
  uint64_t total = 0;  // cannot overflow: the budget of the load has held it down
  for (const Variable& v : variables_) total += static_cast<uint64_t>(v.shape.elements()) * bytes_of(v.dtype);
  return total;
}

Tensor SavedWeights::read(std::string_view path) const {
  return with_context(name_, [&] { return file_.read(path); });
}

KerasArchive parse_keras_archive(Bytes archive, const std::string& name, const LoadLimits& limits) {
  Budget budget(limits, archive.size());
  const Budget::Timed timed(budget);
  const auto owner = std::make_shared<const Bytes>(std::move(archive));
  const ZipReader zip(*owner, name, budget);
  for (const ZipMember& m : zip.members()) {
    const bool npz = m.name.ends_with(".npz"), sharded = m.name.ends_with(".weights.json");
    require<UnsupportedError>(!npz && !sharded, name, ": the weights are in ", printable(m.name), "; cornu reads ", weights_member,
                              ". Save the model again with Keras's default options.");
  }
  const auto json = [&](std::string_view member) {
    const Member text = read_member(zip, only_member(zip, member, name), owner);
    return with_context(cornu::text(name, ": ", member), [&] {
      Config config = parse_json(text_of(text.bytes), budget);
      require<FormatError>(config.is_dict(), "expected a dict, found ", config.kind());
      return config;
    });
  };
  Config config = json("config.json");
  Config metadata = zip.find("metadata.json") ? json("metadata.json") : Config::dict();
  const Member weights = read_member(zip, only_member(zip, weights_member, name), owner);
  KerasArchive read{std::move(config), std::move(metadata), open_weights(weights.bytes, weights.owner, text(name, ": ", weights_member), budget)};
  for (const ZipMember& m : zip.members())
    if (m.name.starts_with("assets/") && m.name.ends_with("/vocabulary.txt")) {
      budget.take_memory(m.size, "a vocabulary");
      read.assets.emplace(m.name, text_of(read_member(zip, m, owner).bytes));
    }
  return read;
}

KerasArchive read_keras_archive(const std::string& path, const LoadLimits& limits, Io& io) {
  return parse_keras_archive(read_file(path, limits.file_bytes, io), path, limits);
}

SavedWeights parse_weights_file(Bytes file, const std::string& name, const LoadLimits& limits) {
  Budget budget(limits, file.size());
  const Budget::Timed timed(budget);
  const auto owner = std::make_shared<const Bytes>(std::move(file));
  return open_weights(*owner, owner, name, budget);
}

SavedWeights read_weights_file(const std::string& path, const LoadLimits& limits, Io& io) {
  return parse_weights_file(read_file(path, limits.file_bytes, io), path, limits);
}

void write_keras_archive(const std::string& path, const Config& config, const Config& metadata, const std::vector<WeightsGroup>& weights, Io& io,
                         const std::map<std::string, std::string>& assets) {
  const tm now = local_now();
  char date[32];
  const size_t length = strftime(date, sizeof date, "%Y-%m-%d@%H:%M:%S", &now);
  Config all = Config::dict();
  all.set("keras_version", Config(keras_version));
  all.set("date_saved", Config(std::string_view(date, length)));
  if (!metadata.is_null())
    for (const auto& [key, value] : metadata.as_dict()) all.set(key, value);
  std::vector<ZipInput> members(3);
  members[0].name = "metadata.json";
  members[0].content.add(bytes_of_text(write_json(all)));
  members[1].name = "config.json";
  members[1].content.add(bytes_of_text(write_json(config)));
  members[2].name = weights_member;
  members[2].content.add(weights_parts(weights));
  for (const auto& [name, content] : assets) members.emplace_back().name = name, members.back().content.add(bytes_of_text(content));
  write_file_atomically(path, write_zip(std::move(members), now_for_zip(now)), io);
}

void write_weights_file(const std::string& path, const std::vector<WeightsGroup>& weights, Io& io) {
  write_file_atomically(path, weights_parts(weights), io);
}

}  // namespace cornu
