// The base is a file of our own writer: a group "g" (attribute name="text") with the dataset "g/a" of three floats.
// Its layout is numbers, global heap, then for each object from the last: local heap, symbol table node, B-tree, header.
#include "cornu/io/file.h"
#include "cornu/io/hdf5_write.h"
#include "trap.h"

using namespace cornu;
namespace {

constexpr uint64_t nowhere = 0x7fffffffffffff00;

Bytes base_file() {
  Hdf5Writer w;
  w.add_group("g", {{"name", "text"}});
  w.add_dataset("g/a", Tensor{1, 2, 3});
  return w.finish().joined();
}

Bytes chunked_file() { return read_file(std::string(CORNU_SOURCE_DIR) + "/tests/io/fixtures/chunks.h5"); }

}  // namespace

std::vector<Trap> hdf5_traps() {
  std::vector<Trap> traps;
  const Bytes base = base_file();
  const auto add_bytes = [&](std::string name, Expect expect, Bytes b) { traps.push_back({"hdf5: " + name, Format::hdf5, expect, std::move(b)}); };
  const auto add = [&](std::string name, Expect expect, size_t at, auto value) { add_bytes(std::move(name), expect, patched(base, at, value)); };

  add("no signature", Expect::format, 0, uint8_t{0});
  add("an unknown superblock", Expect::unsupported, 8, uint8_t{9});
  add("addresses of 4 bytes", Expect::unsupported, 13, uint8_t{4});
  add("a base address", Expect::unsupported, 24, uint64_t{512});
  add("an end beyond the file", Expect::format, 40, uint64_t{base.size() + 1});
  add("a root outside the file", Expect::format, 64, nowhere);
  add("a root at the end of 64 bits", Expect::format, 64, UINT64_MAX - 4);
  add("a root that is no header", Expect::format, 64, uint64_t{0});
  add_bytes("cut in the middle", Expect::format, Bytes(base.begin(), base.begin() + 2000));
  add_bytes("cut after the signature", Expect::format, Bytes(base.begin(), base.begin() + 8));

  const auto root = static_cast<size_t>(load_le<uint64_t>(ByteView(base).subspan(64)));
  add("a header with fewer messages than stated", Expect::format, root + 2, uint16_t{2});
  add("a header larger than the file", Expect::format, root + 8, uint32_t{0xfffffff0});
  add("a message larger than its header", Expect::format, root + 18, uint16_t{0xfff8});
  add("a shared message", Expect::unsupported, root + 20, uint8_t{2});
  add_bytes("a continuation to itself", Expect::format, patched(patched(patched(base, root + 16, uint16_t{16}), root + 24, uint64_t{root + 16}), root + 32, uint64_t{24}));
  add_bytes("a continuation outside", Expect::format, patched(patched(base, root + 16, uint16_t{16}), root + 24, nowhere));
  add("neither group nor dataset", Expect::format, root + 16, uint16_t{18});

  const size_t heap = place_of(base, "HEAP", 1), node = place_of(base, "SNOD", 1), tree = place_of(base, "TREE", 1);
  add("a local heap without signature", Expect::format, heap, uint8_t{0});
  add("a local heap larger than the file", Expect::format, heap + 8, nowhere);
  add("a local heap elsewhere", Expect::format, heap + 24, nowhere);
  add("a name outside its heap", Expect::format, node + 8, uint64_t{1000});
  add("a name far outside its heap", Expect::format, node + 8, UINT64_MAX);
  add_bytes("a name without end", Expect::format, [&] {
    Bytes b = base;
    for (size_t i = 0; i < 8; ++i) b = patched(b, heap + 40 + i, uint8_t{'x'});
    return b;
  }());
  add("an empty name", Expect::format, heap + 40, uint8_t{0});
  add("a name with a slash", Expect::format, heap + 40, uint16_t{0x622f});
  add("the name ..", Expect::format, heap + 40, uint16_t{0x2e2e});
  add("a name that is not UTF-8", Expect::format, heap + 40, uint8_t{0xff});
  add("a name with a control character", Expect::format, heap + 40, uint8_t{7});
  add("a symbol table node without signature", Expect::format, node, uint8_t{0});
  add("a name twice", Expect::format, node + 6, uint16_t{2});
  add("a node of 65535 entries", Expect::format, node + 6, uint16_t{0xffff});
  add("a soft link", Expect::unsafe, node + 24, uint32_t{2});
  add("an entry of unknown kind", Expect::format, node + 24, uint32_t{77});
  add("a group that holds its parent", Expect::format, node + 16, uint64_t{root});
  add("a B-tree that is its own child", Expect::format, tree + 32, uint64_t{tree});
  add_bytes("a B-tree of level 1 that is its own child", Expect::format, patched(patched(base, tree + 5, uint8_t{1}), tree + 32, uint64_t{tree}));
  add("a B-tree of level 255", Expect::format, tree + 5, uint8_t{255});
  add("a B-tree of 65535 children", Expect::format, tree + 6, uint16_t{0xffff});
  add("a B-tree of chunks in a group", Expect::format, tree + 4, uint8_t{1});
  add("a B-tree child outside", Expect::format, tree + 32, nowhere);
  {
    Hdf5Writer w;
    std::string path = "g";
    for (int i = 0; i < 40; ++i) path += "/g";
    w.add_group(path);
    add_bytes("groups 41 deep", Expect::limit, w.finish().joined());
  }

  const size_t data = place_of(base, "GCOL") + 4096;  // the dataset's header; see put_dataset
  add("a root that is a dataset", Expect::format, 64, uint64_t{data});  // found by fuzzing
  const size_t space = data + 24, type = data + 48, layout = data + 96;
  add("a rank of 255", Expect::limit, space + 1, uint8_t{255});
  add("a rank of 32 without sizes", Expect::format, space + 1, uint8_t{32});
  add("a size of 2^63", Expect::limit, space + 8, uint64_t{1} << 63);
  add("a size of 2^39", Expect::limit, space + 8, uint64_t{1} << 39);
  add("a size that is not stored", Expect::format, space + 8, uint64_t{1000});
  add("a dataspace of unknown version", Expect::unsupported, space, uint8_t{7});
  {
    Hdf5Writer w;
    w.add_dataset("a", Tensor(DType::float32, Shape{1, 1, 1}));
    Bytes b = w.finish().joined();
    const size_t sizes = 96 + 8 + 24 + 8;  // no global heap here
    for (size_t i = 0; i < 3; ++i) b = patched(b, sizes + 8 * i, uint64_t{1} << 40);
    add_bytes("sizes whose product overflows", Expect::format, b);
    add_bytes("sizes whose product is beyond the limit", Expect::limit, patched(patched(b, sizes, uint64_t{1}), sizes + 8, uint64_t{1} << 20));
  }
  add("big-endian numbers", Expect::unsupported, type + 1, uint8_t{0x21});
  add("an element of no size", Expect::format, type + 4, uint32_t{0});
  add("an element of 4 GiB", Expect::unsupported, type + 4, uint32_t{0xffffffff});
  add("a compound type", Expect::unsupported, type, uint8_t{0x16});
  add("references", Expect::unsafe, type, uint8_t{0x17});
  add("a committed datatype", Expect::unsupported, data + 44, uint8_t{3});
  add("numbers in other files", Expect::unsafe, data + 72, uint16_t{7});
  add("a virtual dataset", Expect::unsafe, layout + 1, uint8_t{3});
  add("a layout of unknown class", Expect::format, layout + 1, uint8_t{9});
  add("numbers outside the file", Expect::format, layout + 2, nowhere);
  add("numbers at the end of 64 bits", Expect::format, layout + 2, UINT64_MAX - 8);
  add("a layout of another size", Expect::format, layout + 10, uint64_t{13});

  const size_t strings = place_of(base, "GCOL"), attribute = place_of(base, "name");
  add("a global heap without signature", Expect::format, strings, uint8_t{0});
  add("a global heap larger than the file", Expect::format, strings + 8, nowhere);
  add("a global heap of no size", Expect::format, strings + 8, uint64_t{0});
  add("a string longer than its heap object", Expect::format, strings + 24, uint64_t{1});
  add("a heap object longer than its heap", Expect::format, strings + 24, nowhere);
  add("a string that is not UTF-8", Expect::format, strings + 32, uint8_t{0xff});
  add("a string in no heap", Expect::format, attribute + 8 + 24 + 8 + 4, nowhere);
  add("a string that its heap lacks", Expect::format, attribute + 8 + 24 + 8 + 12, uint32_t{9});
  add("a string of 4 GiB", Expect::format, attribute + 8 + 24 + 8, uint32_t{0xffffffff});
  add("an attribute larger than its message", Expect::format, attribute - 6, uint16_t{0xfff0});
  add("an attribute that is a reference", Expect::unsafe, attribute + 8, uint8_t{0x17});

  const Bytes chunked = chunked_file();
  const size_t chunks = [&] {  // the first B-tree of chunks
    int nth = 0;
    while (chunked[place_of(chunked, "TREE", nth) + 4] != std::byte{1}) ++nth;
    return place_of(chunked, "TREE", nth);
  }();
  const auto chunk_trap = [&](std::string name, Expect expect, size_t at, auto value) { add_bytes("chunks: " + name, expect, patched(chunked, chunks + at, value)); };
  chunk_trap("a B-tree that is its own child", Expect::format, 5, uint8_t{1});
  chunk_trap("off the grid", Expect::format, 32, uint64_t{1});
  chunk_trap("outside the dataset", Expect::format, 32, uint64_t{1} << 40);
  chunk_trap("given twice", Expect::format, 32 + 40 + 8, uint64_t{0});
  chunk_trap("outside the file", Expect::format, 56, nowhere);
  chunk_trap("larger than the file", Expect::format, 24, uint32_t{0xffffffff});
  chunk_trap("an unfinished tree", Expect::format, 6, uint16_t{0xffff});
  for (const char* name : {"bomb.h5", "bomb_chunks.h5"})
    add_bytes(text("4 GiB from 1400 bytes: ", name), Expect::limit, read_file(std::string(CORNU_SOURCE_DIR) + "/tests/io/fixtures/" + name));
  return traps;
}
