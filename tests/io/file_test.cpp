// Files: whole or not at all, whatever the system refuses.
#include "cornu/io/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>

#include "failing_io.h"
#include "cornu/io/keras_archive.h"
#include "cornu/io/limits.h"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) { return std::string(text_of(read_file(path))); }
void put(const fs::path& path, std::string_view s) { write_file_atomically(path, view_of(s)); }

}  // namespace

TEST_CASE("a file is replaced, its mode kept, and nothing is left beside it") {
  const TestFolder folder;
  const fs::path file = folder.path / "a.txt";
  put(file, "old");
  fs::permissions(file, fs::perms(0640));
  put(file, "new");
  CHECK(content(file) == "new");
  CHECK(fs::status(file).permissions() == fs::perms(0640));
  CHECK(folder.names() == std::vector<std::string>{"a.txt"});
}

TEST_CASE("a symbolic link stays a link; what it points to is replaced") {
  const TestFolder folder;
  fs::create_directory(folder.path / "deep");
  put(folder.path / "deep/real", "old");
  fs::create_symlink("deep/real", folder.path / "link");
  fs::create_symlink("link", folder.path / "link2");
  put(folder.path / "link2", "new");
  CHECK(fs::is_symlink(folder.path / "link2"));
  CHECK(content(folder.path / "deep/real") == "new");
  fs::create_symlink("loop", folder.path / "loop");
  CHECK_THROWS_AS(put(folder.path / "loop", "x"), IoError);
}

TEST_CASE("what cannot be written says which path, why, and what to do") {
  const TestFolder folder;
  CHECK_THROWS_WITH_AS(put(folder.path / "none/a", "x"), doctest::Contains("No such file or directory. Create it first"), IoError);
  CHECK_THROWS_AS(put(folder.path, "x"), IoError);
  CHECK_THROWS_AS(put(folder.path / "", "x"), IoError);
  CHECK_THROWS_WITH_AS(read_file(folder.path), doctest::Contains("it is a directory"), IoError);
  CHECK_THROWS_WITH_AS(read_file(folder.path / "gone"), doctest::Contains("No such file"), IoError);
  put(folder.path / "ten", "0123456789");
  CHECK_THROWS_AS(read_file(folder.path / "ten", 9), LimitError);
}

TEST_CASE("a pipe is refused at once instead of waited for") {
  const TestFolder folder;
  REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(read_file(folder.path / "pipe"), doctest::Contains("not a regular file"), IoError);
  CHECK_THROWS_AS(put(folder.path / "pipe", "x"), IoError);
}

TEST_CASE("whichever call of a save fails, the old file is whole, nothing is left and no descriptor leaks") {
  const TestFolder folder;
  const fs::path file = folder.path / "m.keras";
  const auto save = [&](float value, Io& io) {
    write_keras_archive(file, Config::dict(), {}, {{"layers/dense/vars", "dense", {Tensor{value, 2, 3}}}}, io);
  };
  const auto loaded = [&] { return read_keras_archive(file).weights.read("layers/dense/vars/0").at(0); };
  for (const int error : {EIO, ENOSPC, EDQUOT, EACCES}) {
    save(1, system_io());
    int failures = 0;
    for (int k = 0;; ++k) {
      CAPTURE(error);
      CAPTURE(k);
      FailingIo io;
      io.fail_at = k;
      io.error = error;
      const size_t open_before = open_descriptors();
      bool failed = false;
      try {
        save(2, io);
      } catch (const IoError&) {
        failed = true;
      }
      CHECK(open_descriptors() == open_before);
      CHECK(folder.names() == std::vector<std::string>{"m.keras"});
      if (io.calls <= k) break;  // every call has had its turn
      if (failed) {
        ++failures;
        CHECK((loaded() == 1 || io.failed_call == "fsync of the directory"));
        save(1, system_io());
      } else {
        CHECK(loaded() == 2);
        save(1, system_io());
      }
    }
    CHECK(failures > 10);
  }
}

TEST_CASE("the data are on the disk before the file takes its place, and the place before the save returns") {
  const TestFolder folder;
  FailingIo io;
  write_file_atomically(folder.path / "a", view_of("text"), io);
  const auto when = [&](const char* call) { return std::find(io.log.begin(), io.log.end(), call) - io.log.begin(); };
  CHECK(when("write") < when("fsync"));
  CHECK(when("fsync") < when("rename"));
  CHECK(when("rename") < when("fsync of the directory"));
  CHECK(when("fsync of the directory") < static_cast<std::ptrdiff_t>(io.log.size()));
}

TEST_CASE("interrupted calls and short writes are carried on") {
  const TestFolder folder;
  const std::string long_text(100'000, 'x');
  FailingIo io;
  io.short_writes = true;
  io.interrupt_every = 3;
  write_file_atomically(folder.path / "a", view_of(long_text), io);
  CHECK(content(folder.path / "a") == long_text);
}

TEST_CASE("a full disk is noticed before anything is written") {
  const TestFolder folder;
  FailingIo io;
  io.free_bytes = 100;
  const std::string s(95, 'x');
  CHECK_THROWS_WITH_AS(write_file_atomically(folder.path / "a", view_of(s), io), doctest::Contains("the disk has 100 free"), IoError);
  CHECK(folder.names().empty());
}

TEST_CASE("every failing call of a load is an IoError") {
  const TestFolder folder;
  put(folder.path / "a", "text");
  for (int k = 0; k < 3; ++k) {
    FailingIo io;
    io.fail_at = k;
    const size_t open_before = open_descriptors();
    CHECK_THROWS_AS(read_file(folder.path / "a", 0, io), IoError);
    CHECK(open_descriptors() == open_before);
  }
}

TEST_CASE("a log grows, is cut back to a checkpoint, and loses no line to a failed write") {
  const TestFolder folder;
  const std::string path = folder.path / "log.csv";
  FailingIo io;
  AppendFile log(path, io);
  log.append("epoch,loss\n");
  const uint64_t checkpoint = log.size();
  log.append("0,0.5\n");
  log.flush();
  log.truncate(checkpoint);
  log.append("0,0.25\n");
  CHECK(content(path) == "epoch,loss\n0,0.25\n");
  io.short_writes = true;  // "1" is written, then the disk is full
  io.fail_at = io.calls + 1;
  io.error = ENOSPC;
  CHECK_THROWS_AS(log.append("1,0.125\n"), IoError);
  CHECK(content(path) == "epoch,loss\n0,0.25\n");
  CHECK(AppendFile(path).size() == log.size());
  CHECK_THROWS_AS(log.truncate(1000), ArgumentError);
}

TEST_CASE("a save removes what killed saves left an hour ago or earlier, and nothing else") {
  const TestFolder folder;
  const auto leave = [&](const std::string& name, int hours) {
    put(folder.path / "model", "x");
    fs::rename(folder.path / "model", folder.path / name);
    fs::last_write_time(folder.path / name, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  constexpr int nobody = 0x7ffffffe;  // above any process's number
  const std::string of_the_dead = text(".cornu-", nobody, "-0.tmp"), fresh = text(".cornu-", nobody, "-1.tmp"), of_the_living = text(".cornu-", getpid(), "-7.tmp");
  const std::string other = text(".cornu-", nobody, "-0.tmp.txt");
  leave(fresh, 0);
  leave(of_the_living, 2);
  leave(other, 2);
  leave(of_the_dead, 2);
  put(folder.path / "model", "new");
  CHECK_FALSE(fs::exists(folder.path / of_the_dead));
  for (const std::string& kept : {fresh, of_the_living, other}) CHECK(fs::exists(folder.path / kept));
  CHECK(content(folder.path / "model") == "new");
}
