#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "cornu/app/train.h"
#include "cornu/io/file.h"

namespace cornu::app {

void check_writable(std::string_view option, const std::string& path, uint64_t bytes) {
  const std::string remedy = "Nothing has been trained yet: choose another place.";
  const std::string what = text(option, ": write");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) errno = EISDIR, throw_io_error(what, path, remedy);
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  // A file in the same folder that never has the name: permission, read-only mounts, quotas and room are all tried.
  std::string probe = (folder / ".cornu-XXXXXX").string();
  const int descriptor = mkostemp(probe.data(), O_CLOEXEC);
  if (descriptor < 0) throw_io_error(what, path, errno == ENOENT ? "The directory does not exist: create it, or choose another place." : remedy);
  const FileHandle file(system_io(), descriptor);
  unlink(probe.c_str());
  if (const int error = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)); error == ENOSPC || error == EDQUOT || error == EFBIG)
    errno = error, throw_io_error(text(what, " ", bytes, " bytes to"), path, "Nothing has been trained yet: make room, or choose another place.");
}

std::string interrupted_path(const std::string& path) {
  constexpr std::string_view ending = ".keras";
  return path.substr(0, path.size() - ending.size()) + ".interrupted.keras";
}

}  // namespace cornu::app
