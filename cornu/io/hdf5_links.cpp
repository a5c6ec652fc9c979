// Groups: symbol tables (B-tree version 1, local heap) and link messages.
#include <algorithm>

#include "cornu/io/hdf5_format.h"
#include "cornu/io/json.h"

namespace cornu::hdf5 {
namespace {

/// The string at `offset` of a local heap (section III.D), up to its zero byte.
std::string_view heap_string(const ByteReader& segment, uint64_t offset, const LoadLimits& limits) {
  const ByteReader rest = segment.part(offset, segment.size() - std::min(offset, segment.size()), "HDF5 local heap");
  ByteReader head = rest.part(0, std::min<uint64_t>(rest.size(), limits.name_bytes + 1), "HDF5 local heap");
  const std::string_view chars = text_of(head.take(head.size()));
  const size_t end = chars.find('\0');
  require<FormatError>(end != std::string_view::npos, "HDF5 local heap: a name longer than ", limits.name_bytes, " bytes, or without an end");
  return chars.substr(0, end);
}

/// A symbol table node (section III.B).
void read_symbols(const Source& source, uint64_t address, const ByteReader& names, std::vector<Link>& links) {
  ByteReader head = source.file.part(address, 8, "HDF5 symbol table node");
  head.expect("SNOD");
  require<FormatError>(head.u8() == 1, "HDF5 symbol table node of an unknown version");
  head.skip(1);
  const uint16_t count = head.u16();
  ByteReader entries = source.file.part(address + 8, 40 * uint64_t{count}, "HDF5 symbol table node");
  source.budget.take_work(8 + entries.size());
  for (int i = 0; i < count; ++i) {
    const uint64_t name_offset = entries.u64(), header = entries.u64();
    const uint32_t cache = entries.u32();
    entries.skip(20);
    const std::string_view name = heap_string(names, name_offset, source.budget.limits());
    source.budget.take_work(name.size());
    require<UnsafeError>(cache != 2, "HDF5: '", printable(name), "' is a soft link, which could lead anywhere");
    require<FormatError>(cache < 2, "HDF5 symbol table entry of an unknown kind ", cache);
    links.push_back({checked_name(source, name), header});
  }
}

void read_symbol_table(const Source& source, ByteReader message, std::vector<Link>& links) {
  const uint64_t tree = message.u64(), heap = message.u64();
  ByteReader head = source.file.part(heap, 32, "HDF5 local heap");
  head.expect("HEAP");
  require<FormatError>(head.u32() == 0, "HDF5 local heap of an unknown version");
  const uint64_t size = head.u64();
  head.skip(8);
  const ByteReader names = source.file.part(head.u64(), size, "HDF5 local heap");

  struct Node {
    uint64_t address;
    int level;  // -1 for the root, whose level is unknown
  };
  std::vector<Node> todo{{tree, -1}};
  while (!todo.empty()) {
    const Node node = todo.back();
    todo.pop_back();
    ByteReader top = source.file.part(node.address, 24, "HDF5 B-tree");
    top.expect("TREE");
    const uint8_t type = top.u8(), level = top.u8();
    const uint16_t used = top.u16();
    // Levels fall towards the leaves, so a tree that leads back to itself contradicts them.
    require<FormatError>(type == 0 && level < 64 && (node.level < 0 || level == node.level), "HDF5 B-tree at byte ", node.address, ": type ", type,
                         ", level ", level, " do not fit a group's");
    ByteReader children = source.file.part(node.address + 24, 8 + 16 * uint64_t{used}, "HDF5 B-tree");
    source.budget.take_work(24 + children.size());
    std::vector<uint64_t> addresses(used);
    for (uint64_t& address : addresses) {
      children.skip(8);
      address = children.u64();
    }
    if (level == 0) {
      for (const uint64_t address : addresses) read_symbols(source, address, names, links);
    } else {
      source.budget.take_memory(sizeof(Node) * addresses.size(), "HDF5 B-tree");
      for (auto address = addresses.rbegin(); address != addresses.rend(); ++address) todo.push_back({*address, level - 1});
    }
  }
}

}  // namespace

std::string checked_name(const Source& source, std::string_view name) {
  const LoadLimits& limits = source.budget.limits();
  check_limit(name.size(), limits.name_bytes, "the length of an HDF5 name", "name_bytes");
  const bool control = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
  require<FormatError>(!name.empty() && is_utf8(name) && !control && name.find('/') == std::string_view::npos && name != "." && name != "..",
                       "HDF5: '", printable(name), "' cannot be the name of a group or dataset");
  source.budget.take_object("the number of HDF5 links and attributes");
  source.budget.take_memory(2 * sizeof(Link) + name.size(), "HDF5 names");
  return std::string(name);
}

Link read_link(const Source& source, ByteReader& reader) {
  require<FormatError>(reader.u8() == 1, "HDF5 link of an unknown version");
  const uint8_t flags = reader.u8();
  const uint8_t kind = flags & 8 ? reader.u8() : 0;
  if (flags & 4) reader.skip(8);  // order of creation
  if (flags & 16) reader.skip(1); // character set
  const uint64_t length = reader.number(1u << (flags & 3));
  const std::string name = checked_name(source, text_of(reader.take(length)));
  require<UnsafeError>(kind == 0, "HDF5: '", printable(name), "' is ", kind == 1 ? "a soft link" : kind == 64 ? "a link to another file" : "a user-defined link",
                       ", which could lead anywhere");
  return {name, reader.u64()};
}

std::vector<Link> read_links(const Source& source, const std::vector<Message>& messages) {
  std::vector<Link> links;
  if (const Message* m = find_message(messages, msg_symbol_table)) read_symbol_table(source, m->body, links);
  if (const Message* m = find_message(messages, msg_link_info)) {
    ByteReader info = m->body;
    require<FormatError>(info.u8() == 0, "HDF5 link info of an unknown version");
    if (info.u8() & 1) info.skip(8);
    require<UnsupportedError>(info.u64() == undefined_address,
                              "HDF5: a group keeps its links in a fractal heap (libver=\"latest\"). Save the file with h5py's default libver.");
  }
  for (const Message& m : messages) {
    if (m.type != msg_link) continue;
    ByteReader body = m.body;
    links.push_back(read_link(source, body));
  }
  return links;
}

}  // namespace cornu::hdf5
