// The walk over a file's objects, without recursion.
#include "cornu/io/hdf5_read.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "cornu/io/hdf5_convert.h"
#include "cornu/io/hdf5_format.h"

namespace cornu {
using namespace hdf5;

namespace {

/// The address of the root group's object header (section II.A).
uint64_t read_superblock(const ByteReader& file) {
  ByteReader s = file.part(0, std::min<uint64_t>(file.size(), 100), "HDF5 superblock");
  s.expect(signature);
  const uint8_t version = s.u8();
  require<UnsupportedError>(version <= 3, "HDF5 superblock of version ", version);
  if (version <= 1) s.skip(4);
  const uint8_t offset_bytes = s.u8(), length_bytes = s.u8();
  require<UnsupportedError>(offset_bytes == 8 && length_bytes == 8, "HDF5 with addresses of ", offset_bytes, " and lengths of ", length_bytes,
                            " bytes; 8 are supported");
  if (version <= 1) {
    s.skip(1 + 4 + 4);
    if (version == 1) s.skip(4);
  } else {
    s.skip(1);
  }
  const uint64_t base = s.u64();
  s.skip(8);
  const uint64_t end = s.u64();
  require<UnsupportedError>(base == 0, "HDF5 with a base address other than 0");
  require<FormatError>(end <= file.size(), "HDF5: the file states ", end, " bytes and has ", file.size(), "; save was interrupted?");
  if (version <= 1) {
    s.skip(8 + 8);  // driver information; the root entry's name
    return s.u64();
  }
  const uint64_t root = s.u64();
  const uint64_t covered = s.position();
  const uint32_t stated = s.u32();
  require<FormatError>(lookup3(file.part(0, covered, "HDF5 superblock").take(covered)) == stated, "HDF5 superblock: the checksum is wrong");
  return root;
}

}  // namespace

struct Hdf5File::State {
  State(ByteView bytes, std::shared_ptr<const void> o, const LoadLimits& l) : file(bytes, "HDF5"), owner(std::move(o)), limits(l) {}

  struct Numbers {
    Datatype type;
    Storage storage;
  };
  ByteReader file;
  std::shared_ptr<const void> owner;
  LoadLimits limits;
  std::vector<Hdf5Object> objects;
  std::map<std::string, size_t, std::less<>> index;
  std::map<size_t, Numbers> numbers;

  void walk(Budget& budget);
  void add_dataset(const Source& source, const std::vector<Message>& messages, Hdf5Object& object);
};

void Hdf5File::State::walk(Budget& budget) {
  const Source source{file, budget};
  struct Node {
    uint64_t address;
    std::string path;
    uint64_t depth;
  };
  std::vector<Node> todo;
  todo.push_back({read_superblock(file), "", 0});
  std::unordered_set<uint64_t> seen;
  while (!todo.empty()) {
    const Node node = std::move(todo.back());
    todo.pop_back();
    with_context(node.path.empty() ? "/" : printable(node.path), [&] {
      check_limit(node.depth, limits.hdf5_depth, "the depth of HDF5 groups", "hdf5_depth");
      budget.take_memory(2 * (sizeof(Hdf5Object) + sizeof(Numbers) + sizeof(Node) + node.path.size()) + 128, "HDF5 objects");
      require<FormatError>(seen.insert(node.address).second, "HDF5: the object at byte ", node.address, " is reached twice");
      const std::vector<Message> messages = read_object_header(source, node.address);
      Hdf5Object object;
      object.path = node.path;
      for (const Message& m : messages)
        if (m.type == msg_attribute)
          if (Attribute a = read_attribute(source, m.body); true) object.attributes.push_back({std::move(a.name), a.is_text, std::move(a.values)});
      if (const Message* m = find_message(messages, msg_attribute_info)) {
        ByteReader info = m->body;
        require<FormatError>(info.u8() == 0, "HDF5 attribute info of an unknown version");
        if (info.u8() & 1) info.skip(2);
        require<UnsupportedError>(info.u64() == undefined_address,
                                  "HDF5: attributes in a fractal heap (libver=\"latest\"). Save the file with h5py's default libver.");
      }
      object.is_group = !find_message(messages, msg_layout);
      if (object.is_group) {
        const bool has_links = std::ranges::any_of(messages, [](const Message& m) {
          return m.type == msg_symbol_table || m.type == msg_link_info || m.type == msg_link;
        });
        require<FormatError>(has_links, "HDF5: the object is neither a group nor a dataset");
        std::vector<Link> links = read_links(source, messages);
        std::ranges::sort(links, [](const Link& a, const Link& b) { return natural_less(b.name, a.name); });
        for (Link& link : links) {
          budget.take_memory(node.path.size() + link.name.size() + sizeof(Node), "HDF5 names");
          todo.push_back({link.address, node.path.empty() ? link.name : node.path + "/" + link.name, node.depth + 1});
        }
      } else {
        require<FormatError>(!node.path.empty(), "HDF5: the root is a dataset; a file has a group there");
        add_dataset(source, messages, object);
      }
      require<FormatError>(index.emplace(object.path, objects.size()).second, "HDF5: the name is given twice");
      objects.push_back(std::move(object));
    });
  }
}

void Hdf5File::State::add_dataset(const Source& source, const std::vector<Message>& messages, Hdf5Object& object) {
  const Message *type_message = find_message(messages, msg_datatype), *space = find_message(messages, msg_dataspace);
  require<FormatError>(type_message && space, "HDF5 dataset without a datatype or dataspace");
  ByteReader type_body = type_message->body, space_body = space->body;
  Datatype type = read_datatype(type_body);
  require<UnsafeError>(type.kind != Datatype::reference, "HDF5: the dataset holds references to other objects");
  for (const Hdf5Attribute& a : object.attributes)
    if (type.kind == Datatype::opaque && type.size == 2 && a.name == "dtype" && a.values == std::vector<std::string>{"bfloat16"})
      type.kind = Datatype::brain16;
  object.dtype = tensor_dtype(type);
  object.shape = read_dataspace(space_body, limits);
  const uint64_t n = checked_elements(object.shape, limits);
  // The bomb check: what is declared counts, whether or not it is stored.
  source.budget.take_memory(checked_mul(n, bytes_of(object.dtype) + (needs_conversion(type) ? type.size : 0), "the size of an HDF5 dataset"),
                            text("a tensor of shape ", object.shape));
  numbers.emplace(objects.size(), Numbers{type, read_storage(source, messages, object.shape, type.size)});
}

Hdf5File::Hdf5File(ByteView bytes, std::shared_ptr<const void> owner, Budget& budget)
    : state_(std::make_unique<State>(bytes, std::move(owner), budget.limits())) {
  state_->walk(budget);
}
Hdf5File::~Hdf5File() = default;
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;

const std::vector<Hdf5Object>& Hdf5File::objects() const { return state_->objects; }

const Hdf5Object* Hdf5File::find(std::string_view path) const {
  const auto found = state_->index.find(path);
  return found == state_->index.end() ? nullptr : &state_->objects[found->second];
}

std::optional<std::string> Hdf5File::attribute(std::string_view path, std::string_view name) const {
  if (const Hdf5Object* object = find(path))
    for (const Hdf5Attribute& a : object->attributes)
      if (a.name == name && a.values.size() == 1) return a.values[0];
  return std::nullopt;
}

Tensor Hdf5File::read(std::string_view path) const {
  const auto found = state_->index.find(path);
  require(found != state_->index.end() && !state_->objects[found->second].is_group, "there is no dataset '", printable(path), "' in the file");
  const Hdf5Object& object = state_->objects[found->second];
  const State::Numbers& numbers = state_->numbers.at(found->second);
  Budget budget(state_->limits, state_->file.size());  // of its own: reading a tensor again costs nothing
  const Budget::Timed timed(budget);
  const Source source{state_->file, budget};
  return with_context(printable(path), [&] {
    budget.take_memory(checked_mul(checked_elements(object.shape, state_->limits), bytes_of(object.dtype) + numbers.type.size, "a tensor"), "a tensor");
    Tensor tensor(object.dtype, object.shape);
    const auto bytes_of_tensor = std::span(static_cast<std::byte*>(tensor.mutable_data()), tensor.bytes());
    if (!needs_conversion(numbers.type)) {
      read_numbers(source, numbers.storage, object.shape, numbers.type.size, bytes_of_tensor);
    } else {
      Bytes raw(static_cast<size_t>(tensor.size()) * numbers.type.size);
      read_numbers(source, numbers.storage, object.shape, numbers.type.size, raw);
      convert_numbers(numbers.type, raw, tensor);
    }
    return tensor;
  });
}

bool looks_like_hdf5(ByteView bytes) { return text_of(bytes).starts_with(signature); }

bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (!digit(a[i]) || !digit(b[k])) {
      if (a[i] != b[k]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[k]);
      ++i, ++k;
      continue;
    }
    const auto number = [&](std::string_view s, size_t& at) {
      while (at < s.size() && s[at] == '0') ++at;
      const size_t from = at;
      while (at < s.size() && digit(s[at])) ++at;
      return s.substr(from, at - from);
    };
    const std::string_view x = number(a, i), y = number(b, k);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  if ((i < a.size()) != (k < b.size())) return k < b.size();
  return a < b;  // "01" and "1": any fixed order
}

}  // namespace cornu
