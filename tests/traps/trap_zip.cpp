// Offsets of fields are those of PKWARE's APPNOTE.
#include <zlib.h>

#include "cornu/io/hdf5_write.h"
#include "cornu/io/zip.h"
#include "trap.h"

using namespace cornu;
namespace {

Bytes zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<ZipInput> inputs;
  for (const auto& [name, content] : members) {
    inputs.emplace_back();
    inputs.back().name = name;
    inputs.back().content.add(bytes_of_text(content));
  }
  return write_zip(std::move(inputs)).joined();
}

std::string deflated(const std::string& s) {
  std::string out(compressBound(s.size()), '\0');
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(s.data()));
  z.avail_in = static_cast<uInt>(s.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// A one-member archive that says it is deflated to `size` bytes.
Bytes deflate_archive(const std::string& packed, uint32_t size) {
  Bytes b = zip_of({{"config.json", packed}});
  for (const auto& [signature, at] : {std::pair{"PK\x03\x04", 8}, std::pair{"PK\x01\x02", 10}}) {
    const size_t header = place_of(b, signature);
    b = patched(b, header + at, uint16_t{8});
    b = patched(b, header + at + 14, size);
  }
  return b;
}

}  // namespace

std::vector<Trap> zip_traps() {
  std::vector<Trap> traps;
  const auto add = [&](std::string name, Expect expect, Bytes b) { traps.push_back({"zip: " + name, Format::zip, expect, std::move(b)}); };
  const Bytes one = zip_of({{"config.json", "{\"a\": 1}"}}), two = zip_of({{"aa", "one"}, {"bb", "two"}});
  const auto local = [&](size_t at, auto value) { return patched(one, place_of(one, "PK\x03\x04") + at, value); };
  const auto central = [&](size_t at, auto value) { return patched(one, place_of(one, "PK\x01\x02") + at, value); };
  const auto end = [&](size_t at, auto value) { return patched(one, place_of(one, "PK\x05\x06") + at, value); };
  const auto both = [&](size_t at, auto value) { return patched(local(at, value), place_of(one, "PK\x01\x02") + at + 2, value); };
  const auto grown = [](Bytes b, std::string_view more) {
    b.insert(b.end(), view_of(more).begin(), view_of(more).end());
    return b;
  };
  add("nothing", Expect::format, {});
  add("only zeros", Expect::format, Bytes(1000));
  add("cut short", Expect::format, Bytes(one.begin(), one.end() - 1));
  add("bytes after the end", Expect::format, grown(one, "x"));
  add("a comment that holds an end record", Expect::format, [&] {
    Bytes b = end(20, uint16_t{22});
    const size_t at = place_of(one, "PK\x05\x06");
    return grown(b, std::string(text_of(ByteView(one).subspan(at, 22))));
  }());
  add("a directory outside the file", Expect::format, end(16, uint32_t{0x7fffffff}));
  add("a directory larger than the file", Expect::format, end(12, uint32_t{0x7fffffff}));
  add("65534 entries in 60 bytes", Expect::format, patched(end(8, uint16_t{65534}), place_of(one, "PK\x05\x06") + 10, uint16_t{65534}));
  add("counts of entries that differ", Expect::format, end(8, uint16_t{2}));
  add("several disks", Expect::unsupported, end(4, uint16_t{1}));
  add("sizes in zip64 that are not there", Expect::format, central(24, uint32_t{0xffffffff}));
  add("names that differ", Expect::format, local(30, uint8_t{'X'}));
  add("sizes that differ", Expect::format, local(22, uint32_t{3}));
  add("methods that differ", Expect::format, local(8, uint16_t{8}));
  add("flags that differ", Expect::format, local(6, uint16_t{2}));
  add("checksums that differ", Expect::format, local(14, uint32_t{1}));
  add("a wrong checksum", Expect::format, both(14, uint32_t{1}));
  add("a local header elsewhere", Expect::format, central(42, uint32_t{5}));
  add("a local header outside", Expect::format, central(42, uint32_t{0x7fffffff}));
  add("a name longer than the file", Expect::format, central(28, uint16_t{0xffff}));
  add("two members in one place", Expect::format, [&] {
    const size_t second = place_of(two, "PK\x01\x02", 1);
    Bytes b = patched(two, second + 42, uint32_t{0});
    b = patched(b, second + 46, uint16_t{0x6161});
    return patched(b, second + 16, load_le<uint32_t>(ByteView(two).subspan(place_of(two, "PK\x01\x02") + 16)));
  }());
  add("a member that runs into the next", Expect::format, [&] {
    Bytes b = two;
    for (const size_t at : {place_of(two, "PK\x03\x04") + 18, place_of(two, "PK\x01\x02") + 20}) b = patched(patched(b, at, uint32_t{20}), at + 4, uint32_t{20});
    return b;
  }());
  add("a name twice", Expect::format, zip_of({{"config.json", "1"}, {"config.json", "2"}}));
  for (const char* name : {"../x", "a/../../x", "/etc/passwd", "a\\b", "C:x", "a//b", "./a", "a/.", "line\nfeed"})
    add(text("the name ", printable(name)), Expect::unsafe, zip_of({{name, "1"}}));
  add("a NUL in a name", Expect::unsafe, zip_of({{std::string("a\0b", 3), "1"}}));
  add("a name that is not UTF-8", Expect::format, zip_of({{"\xff", "1"}}));
  add("a name of 5000 bytes", Expect::limit, zip_of({{std::string(5000, 'a'), "1"}}));
  add("a symbolic link", Expect::unsafe, central(38, uint32_t{0xa1ff0000}));
  add("encryption", Expect::unsupported, both(6, uint16_t{1}));
  add("an unknown method", Expect::unsupported, both(8, uint16_t{99}));
  add("4 GiB in 8 stored bytes", Expect::format, both(22, uint32_t{0xfffffff0}));
  add("a data descriptor that lies", Expect::format, both(6, uint16_t{8}));
  const std::string zeros = deflated(std::string(10 << 20, '\0'));
  add("10 MiB from 10 KiB", Expect::limit, deflate_archive(zeros, 10 << 20));
  add("a stream longer than stated", Expect::format, deflate_archive(zeros, 100));
  add("a stream shorter than stated", Expect::format, deflate_archive(deflated("abc"), 1000));
  add("a stream cut short", Expect::format, deflate_archive(deflated(std::string(1000, 'a')).substr(0, 5), 1000));
  add("a stream of noise", Expect::format, deflate_archive("\xff\xff\xff\xff\xff", 100));
  add("bytes after a stream", Expect::format, deflate_archive(deflated("abc") + "xyz", 3));

  const auto keras = [&](std::string name, Expect expect, const std::vector<std::pair<std::string, std::string>>& members) {
    traps.push_back({"keras: " + name, Format::keras, expect, zip_of(members)});
  };
  const Bytes empty_file = Hdf5Writer().finish().joined();
  const std::string h5(text_of(empty_file));
  keras("no config", Expect::format, {{"model.weights.h5", h5}});
  keras("no weights", Expect::format, {{"config.json", "{}"}});
  keras("a config that is no dict", Expect::format, {{"config.json", "[]"}, {"model.weights.h5", h5}});
  keras("weights twice, in two formats", Expect::unsupported, {{"config.json", "{}"}, {"model.weights.h5", h5}, {"model.weights.npz", ""}});
  keras("sharded weights", Expect::unsupported, {{"config.json", "{}"}, {"model.weights.json", "{}"}});
  keras("weights that are no HDF5", Expect::format, {{"config.json", "{}"}, {"model.weights.h5", "\x89HDX"}});
  keras("a config too deep", Expect::limit, {{"config.json", std::string(1000, '[')}, {"model.weights.h5", h5}});
  return traps;
}
