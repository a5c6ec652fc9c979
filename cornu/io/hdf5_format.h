// The parts of HDF5 (The HDF Group's "HDF5 File Format Specification 3.0") that the reader's files share. Not for users: see hdf5_read.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cornu/io/bytes.h"
#include "cornu/io/limits.h"
#include "cornu/tensor/dtype.h"
#include "cornu/tensor/shape.h"

namespace cornu::hdf5 {

inline constexpr uint64_t undefined_address = UINT64_MAX;
inline constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";

enum MessageType : uint16_t {
  msg_dataspace = 1, msg_link_info = 2, msg_datatype = 3, msg_fill_old = 4, msg_fill = 5, msg_link = 6, msg_external = 7, msg_layout = 8,
  msg_filters = 11, msg_attribute = 12, msg_continuation = 16, msg_symbol_table = 17, msg_attribute_info = 21,
};

/// The file and what may still be spent on it. Addresses are offsets from its start.
struct Source {
  ByteReader file;
  Budget& budget;
};

/// A message of an object header (section IV.A).
struct Message {
  uint16_t type = 0;
  ByteReader body;
};
/// All messages of the header at `address`, those of its continuations included, NIL ones left out.
std::vector<Message> read_object_header(const Source& source, uint64_t address);
/// The only message of `type`, or null. FormatError when there are several.
const Message* find_message(const std::vector<Message>& messages, MessageType type);

/// Section IV.A.2.d, as far as tensors and strings need it.
struct Datatype {
  enum Kind { signed_integer, unsigned_integer, real16, real32, real64, brain16, text, vlen_text, opaque, boolean, reference, other } kind = other;
  uint32_t size = 0;
  bool space_padded = false;  // of text
};
Datatype read_datatype(ByteReader& reader);
/// Section IV.A.2.b. A null dataspace has the shape [0].
Shape read_dataspace(ByteReader& reader, const LoadLimits& limits);
/// The number of elements, checked against the limits.
uint64_t checked_elements(const Shape& shape, const LoadLimits& limits);

/// A text attribute, scalar or list; of others only the name is kept.
struct Attribute {
  std::string name;
  bool is_text = false;
  std::vector<std::string> values;
};
Attribute read_attribute(const Source& source, ByteReader body);

/// A hard link. Soft, external and user-defined ones are refused with UnsafeError.
struct Link {
  std::string name;
  uint64_t address = 0;
};
/// The links of a group, in the file's order, from a symbol table or from link messages. Links in a fractal
/// heap, where libver="latest" keeps those of groups with more than 8, are an UnsupportedError.
std::vector<Link> read_links(const Source& source, const std::vector<Message>& messages);
/// Checks a link's name and charges its memory.
std::string checked_name(const Source& source, std::string_view name);
/// One link message (section IV.A.2.g).
Link read_link(const Source& source, ByteReader& reader);

struct Filter {
  uint16_t id = 0;  // 1 deflate, 2 shuffle, 3 fletcher32
  uint32_t client = 0;
};
/// Where a dataset's numbers lie.
struct Storage {
  enum Kind { compact, contiguous, chunked } kind = contiguous;
  ByteView compact_data;
  uint64_t address = undefined_address;  // of the numbers, or of the chunks' B-tree
  uint64_t size = 0;                     // contiguous only
  std::vector<uint64_t> chunk;           // elements along each axis
  std::vector<Filter> filters;
  ByteView fill;  // one element, or empty for zeros
};
/// Also checks that the storage fits `shape`, and that contiguous numbers lie within the file.
Storage read_storage(const Source& source, const std::vector<Message>& messages, const Shape& shape, uint32_t element_bytes);
/// The numbers as the file has them, row-major: `to` is as large as the shape needs and zero.
void read_numbers(const Source& source, const Storage& storage, const Shape& shape, uint32_t element_bytes, std::span<std::byte> to);
void read_chunks(const Source& source, const Storage& storage, const Shape& shape, uint32_t element_bytes, std::span<std::byte> to);
/// Undoes the filters of one chunk; exactly `size` bytes.
Bytes unfilter(ByteView packed, const std::vector<Filter>& filters, uint32_t skip_mask, uint64_t size, Budget& budget);

/// Bob Jenkins's lookup3 (2006, public domain), the checksum of all newer structures.
uint32_t lookup3(ByteView bytes);
/// Fletcher's checksum as HDF5 computes it over 16-bit words.
uint32_t fletcher32(ByteView bytes);

}  // namespace cornu::hdf5
