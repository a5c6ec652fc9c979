// Zip archives in memory.
#include "cornu/io/zip.h"

#include <doctest/doctest.h>

using namespace cornu;

namespace {
Bytes bytes(std::string_view s) { return {view_of(s).begin(), view_of(s).end()}; }
Bytes two_members() {
  std::vector<ZipInput> members(2);
  members[0].name = "metadata.json";
  members[0].content.add(bytes("{}"));
  members[1].name = "assets/h\xc3\xa9.txt";
  members[1].content.add(bytes("hello "));
  members[1].content.add(bytes("world"));
  return write_zip(std::move(members), {2026, 11, 24, 2, 21, 18}).joined();
}
}  // namespace

TEST_CASE("members written are read back, in order") {
  const Bytes archive = two_members();
  Budget budget({}, archive.size());
  const ZipReader zip(archive, "m.zip", budget);
  REQUIRE(zip.members().size() == 2);
  CHECK(zip.members()[0].name == "metadata.json");
  Bytes scratch;
  const ZipMember* second = zip.find("assets/h\xc3\xa9.txt");
  REQUIRE(second);
  CHECK(text_of(zip.read(*second, scratch)) == "hello world");
  CHECK(zip.find("nothing") == nullptr);
}

TEST_CASE("a file cut short says that the save was interrupted") {
  const Bytes whole = two_members();
  for (size_t n = 0; n < whole.size(); ++n) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    Budget budget({}, n);
    CHECK_THROWS_WITH_AS(ZipReader(part, "m.keras", budget),
                         doctest::Contains(text("no zip end-of-directory in m.keras (", n, " bytes); save was interrupted?").c_str()), FormatError);
  }
}

TEST_CASE("sizes are grouped by thousands in the message") {
  const Bytes zeros(4208706);
  Budget budget({}, zeros.size());
  CHECK_THROWS_WITH(ZipReader(zeros, "m.keras", budget), "no zip end-of-directory in m.keras (4,208,706 bytes); save was interrupted?");
}

TEST_CASE("a flipped bit is an error, or changes only what nobody reads") {
  const Bytes whole = two_members();
  size_t refused = 0;
  for (size_t i = 0; i < whole.size() * 8; ++i) {
    Bytes damaged = whole;
    damaged[i / 8] ^= static_cast<std::byte>(1u << (i % 8));
    try {
      Budget budget({}, damaged.size());
      const ZipReader zip(damaged, "m.zip", budget);
      Bytes scratch;
      for (const ZipMember& m : zip.members()) {
        const std::string_view content = text_of(zip.read(m, scratch));
        CHECK((content == "{}" || content == "hello world"));
      }
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > whole.size() * 8 / 2);
}
