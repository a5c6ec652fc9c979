// Object headers, versions 1 and 2, with their continuations (section IV.A.1).
#include <deque>
#include <set>

#include "cornu/io/hdf5_format.h"

namespace cornu::hdf5 {
namespace {

constexpr uint8_t flag_shared = 2;


/// Blocks of messages still to be read, each at most once: a continuation that leads back is an error.
class Blocks {
 public:
  void add(const Source& source, ByteReader block) {
    source.budget.take_work(block.size() + 16);
    require<FormatError>(seen_.insert(block.offset()).second, "HDF5 object header: its continuations lead back to byte ", block.offset());
    source.budget.take_memory(128, "HDF5 object header");
    todo_.push_back(block);
  }
  bool empty() const { return todo_.empty(); }
  ByteReader next() {
    const ByteReader block = todo_.front();
    todo_.pop_front();
    return block;
  }

 private:
  std::set<uint64_t> seen_;
  std::deque<ByteReader> todo_;
};

void keep(const Source& source, std::vector<Message>& messages, uint16_t type, uint8_t flags, ByteReader body) {
  if (type == 0) return;
  source.budget.take_memory(2 * sizeof(Message), "HDF5 object header");
  require<UnsupportedError>(!(flags & flag_shared), "HDF5: an object shares a message of type ", type,
                            " with others (a committed datatype). Save the file again without named types.");
  messages.push_back({type, body});
}

std::vector<Message> read_version1(const Source& source, uint64_t address) {
  ByteReader prefix = source.file.part(address, 16, "HDF5 object header");
  prefix.skip(2);
  const uint16_t count = prefix.u16();
  prefix.skip(4);
  const uint32_t size = prefix.u32();
  std::vector<Message> messages;
  Blocks blocks;
  blocks.add(source, source.file.part(address + 16, size, "HDF5 object header"));
  uint64_t found = 0;
  while (!blocks.empty()) {
    ByteReader block = blocks.next();
    while (block.remaining() >= 8) {
      const uint16_t type = block.u16(), body_size = block.u16();
      const uint8_t flags = block.u8();
      block.skip(3);
      const uint64_t at = block.offset();
      ByteReader body(block.take(body_size), "HDF5 message", at);
      ++found;
      if (type != msg_continuation) {
        keep(source, messages, type, flags, body);
        continue;
      }
      const uint64_t where = body.u64(), length = body.u64();
      blocks.add(source, source.file.part(where, length, "HDF5 continuation"));
    }
  }
  require<FormatError>(found == count, "HDF5 object header at byte ", address, ": states ", count, " messages, has ", found);
  return messages;
}

void check_sum(const Source& source, uint64_t from, uint64_t size_without_sum) {
  ByteReader all = source.file.part(from, checked_add(size_without_sum, 4, "HDF5 object header"), "HDF5 object header");
  const uint32_t computed = lookup3(all.take(size_without_sum));
  require<FormatError>(all.u32() == computed, "HDF5 object header at byte ", from, ": the checksum is wrong");
}

std::vector<Message> read_version2(const Source& source, uint64_t address) {
  ByteReader prefix = source.file.part(address, std::min<uint64_t>(source.file.size() - address, 34), "HDF5 object header");
  prefix.expect("OHDR");
  require<UnsupportedError>(prefix.u8() == 2, "HDF5 object header of an unknown version");
  const uint8_t flags = prefix.u8();
  if (flags & 0x20) prefix.skip(16);  // times
  if (flags & 0x10) prefix.skip(4);   // attribute phase change
  const uint64_t size = prefix.number(1u << (flags & 3));
  const uint64_t first = address + prefix.position();
  std::vector<Message> messages;
  Blocks blocks;
  blocks.add(source, source.file.part(first, size, "HDF5 object header"));
  check_sum(source, address, prefix.position() + size);
  const uint64_t head = flags & 4 ? 6 : 4;
  while (!blocks.empty()) {
    ByteReader block = blocks.next();
    while (block.remaining() >= head) {  // less is a gap
      const uint8_t type = block.u8();
      const uint16_t body_size = block.u16();
      const uint8_t message_flags = block.u8();
      block.skip(head - 4);
      const uint64_t at = block.offset();
      ByteReader body(block.take(body_size), "HDF5 message", at);
      if (type != msg_continuation) {
        keep(source, messages, type, message_flags, body);
        continue;
      }
      const uint64_t where = body.u64(), length = body.u64();
      ByteReader chunk = source.file.part(where, length, "HDF5 continuation");
      chunk.expect("OCHK");
      require<FormatError>(length >= 8, "HDF5 continuation: too short");
      check_sum(source, where, length - 4);
      blocks.add(source, source.file.part(where + 4, length - 8, "HDF5 continuation"));
    }
  }
  return messages;
}

uint32_t rotate(uint32_t x, int k) { return x << k | x >> (32 - k); }

}  // namespace

std::vector<Message> read_object_header(const Source& source, uint64_t address) {
  ByteReader start = source.file.part(address, 4, "HDF5 object header");
  if (text_of(start.take(4)) == "OHDR") return read_version2(source, address);
  start.seek(0);
  const uint8_t version = start.u8();
  require<FormatError>(version == 1, "HDF5: no object header at byte ", address, " (its version would be ", version, ")");
  return read_version1(source, address);
}

const Message* find_message(const std::vector<Message>& messages, MessageType type) {
  const Message* found = nullptr;
  for (const Message& m : messages) {
    if (m.type != type) continue;
    require<FormatError>(!found, "HDF5 object header: two messages of type ", static_cast<int>(type));
    found = &m;
  }
  return found;
}

uint32_t lookup3(ByteView bytes) {
  uint32_t a = 0xdeadbeefu + static_cast<uint32_t>(bytes.size()), b = a, c = a;
  // Up to twelve bytes, missing ones being zero.
  const auto add = [&](ByteView part) {
    const auto word = [&](size_t from) {
      uint32_t w = 0;
      for (size_t i = from; i < std::min(part.size(), from + 4); ++i) w |= static_cast<uint32_t>(part[i]) << (8 * (i - from));
      return w;
    };
    a += word(0), b += word(4), c += word(8);
  };
  while (bytes.size() > 12) {
    add(bytes.first(12));
    a -= c, a ^= rotate(c, 4), c += b;
    b -= a, b ^= rotate(a, 6), a += c;
    c -= b, c ^= rotate(b, 8), b += a;
    a -= c, a ^= rotate(c, 16), c += b;
    b -= a, b ^= rotate(a, 19), a += c;
    c -= b, c ^= rotate(b, 4), b += a;
    bytes = bytes.subspan(12);
  }
  if (bytes.empty()) return c;
  add(bytes);
  c ^= b, c -= rotate(b, 14);
  a ^= c, a -= rotate(c, 11);
  b ^= a, b -= rotate(a, 25);
  c ^= b, c -= rotate(b, 16);
  a ^= c, a -= rotate(c, 4);
  b ^= a, b -= rotate(a, 14);
  c ^= b, c -= rotate(b, 24);
  return c;
}

}  // namespace cornu::hdf5
