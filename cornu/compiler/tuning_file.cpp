// The file of answers: a line "cornu kernels 1", then for each answer the machine, the question and the kernel:
//   8c5f0a3e11d2b947 01f3a6c2d4e5b798 gemm.packed
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

#include "cornu/base/error.h"
#include "cornu/compiler/tuner.h"

namespace cornu {
namespace {

constexpr std::string_view head = "cornu kernels 1";
constexpr size_t most_bytes = 1 << 20, most_name = 48, most_answers = 4096;

struct Answer {
  uint64_t machine, question;
  std::string name;
};

/// An open file that closes itself.
class File {
 public:
  explicit File(int file) : file_(file) {}
  ~File() { if (file_ >= 0) ::close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int number() const { return file_; }

 private:
  int file_;
};

/// All of a plain file of at most most_bytes, or nothing.
std::string contents(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe of that name does not hold us up
  struct stat about {};
  if (file.number() < 0 || ::fstat(file.number(), &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > static_cast<off_t>(most_bytes)) return "";
  std::string all(static_cast<size_t>(about.st_size), '\0');
  size_t done = 0;
  while (done < all.size()) {
    const ssize_t n = ::read(file.number(), all.data() + done, all.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  all.resize(done);
  return all;
}

std::optional<uint64_t> number(std::string_view hex) {
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), n, 16);
  if (hex.size() != 16 || error != std::errc{} || end != hex.data() + hex.size()) return {};
  return n;
}

bool may_be_a_name(std::string_view name) {
  return !name.empty() && name.size() <= most_name &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'; });
}

/// Lines that are no answers are passed over.
std::vector<Answer> answers(const std::string& all) {
  std::vector<Answer> list;
  std::string_view rest = all;
  const auto line = [&] {
    const size_t end = rest.find('\n');
    const std::string_view first = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    return first;
  };
  if (line() != head) return list;
  while (!rest.empty() && list.size() < most_answers) {
    const std::string_view l = line();
    if (l.size() < 35 || l[16] != ' ' || l[33] != ' ' || !may_be_a_name(l.substr(34))) continue;
    const auto machine = number(l.substr(0, 16)), question = number(l.substr(17, 16));
    if (machine && question) list.push_back({*machine, *question, std::string(l.substr(34))});
  }
  return list;
}

std::string hex(uint64_t n) {
  char digits[17] = "0000000000000000", raw[17];
  const auto end = std::to_chars(raw, raw + 16, n, 16).ptr;
  std::copy(raw, end, digits + 16 - (end - raw));
  return digits;
}

bool write_whole(const std::string& path, std::string_view all) {
  const std::string aside = text(path, ".", static_cast<int64_t>(::getpid()), ".new");
  ::unlink(aside.c_str());  // of a process of this number that was killed
  bool good = false;
  {
    const File file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.number() < 0) return false;
    std::string_view rest = all;
    while (!rest.empty()) {
      const ssize_t n = ::write(file.number(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      rest.remove_prefix(static_cast<size_t>(n));
    }
    good = rest.empty();
  }
  if (good && ::rename(aside.c_str(), path.c_str()) == 0) return true;
  ::unlink(aside.c_str());
  return false;
}

}  // namespace

std::string tuning_path() {
  const auto folder = [](const char* variable) {
    const char* value = ::secure_getenv(variable);
    return value && value[0] == '/' ? std::string(value) : std::string();
  };
  if (const std::string cache = folder("XDG_CACHE_HOME"); !cache.empty()) return cache + "/cornu/kernels.txt";
  if (const std::string home = folder("HOME"); !home.empty()) return home + "/.cache/cornu/kernels.txt";
  return "";
}

Tunings read_tunings(const std::string& path, uint64_t machine) {
  Tunings mine;
  for (Answer& a : answers(contents(path)))
    if (a.machine == machine) mine[a.question] = std::move(a.name);
  return mine;
}

bool add_tunings(const std::string& path, uint64_t machine, const Tunings& news) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return false;
  std::vector<Answer> all = answers(contents(path));
  std::erase_if(all, [&](const Answer& a) { return a.machine == machine && news.contains(a.question); });
  for (const auto& [question, name] : news) all.push_back({machine, question, name});
  if (all.size() > most_answers) all.erase(all.begin(), all.end() - most_answers);
  std::string lines = text(head, "\n");
  for (const Answer& a : all) lines += text(hex(a.machine), " ", hex(a.question), " ", a.name, "\n");
  return write_whole(path, lines);
}

}  // namespace cornu
