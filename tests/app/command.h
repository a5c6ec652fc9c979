// Runs the built command as anybody would: its arguments, its output, its exit code.
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Outcome {
  int code = -1;    // 128 + signal when one ended it
  int signal = 0;
  std::string out, err;
};

struct Setting {
  std::string stdout_to = "";  // a file instead of a pipe: /dev/full
  bool closed_pipe = false;    // nobody reads standard output
  rlim_t file_bytes = RLIM_INFINITY;
};

/// A running `cornu`. Killed, if it still runs, when this goes.
class Command {
 public:
  explicit Command(const Arguments& arguments, const Setting& setting = {}) {
    int out[2], err[2], started[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0 || pipe2(started, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      if (!setting.stdout_to.empty()) out[1] = open(setting.stdout_to.c_str(), O_WRONLY);
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      for (const int number : {SIGINT, SIGTERM, SIGPIPE}) signal(number, SIG_DFL);
      const rlimit limit{setting.file_bytes, setting.file_bytes};
      if (setting.file_bytes != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
      setenv("COLUMNS", "80", 1);
      const std::string program = CORNU_BINARY_DIR "/bin/cornu";
      std::vector<char*> argv = {const_cast<char*>(program.c_str())};
      for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
      argv.push_back(nullptr);
      execv(program.c_str(), argv.data());
      _exit(127);
    }
    for (const int descriptor : {out[1], err[1], started[1]}) close(descriptor);
    char byte;
    static_cast<void>(!read(started[0], &byte, 1));  // ends when the program has taken the place of this one's copy
    close(started[0]);
    out_ = out[0], err_ = err[0];
    if (setting.closed_pipe) close(std::exchange(out_, -1));
  }
  ~Command() {
    if (pid_ > 0) kill(pid_, SIGKILL), waitpid(pid_, nullptr, 0);
    for (const int descriptor : {out_, err_})
      if (descriptor >= 0) close(descriptor);
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  void send(int number) const { kill(pid_, number); }
  /// Until the condition holds; false after ten seconds.
  static bool wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  /// Whether the process has said what it wants done on this signal.
  bool handles(int number) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigCgt:")) return std::stoull(line.substr(7), nullptr, 16) >> (number - 1) & 1;
    return false;
  }
  Outcome finish() {
    Outcome outcome;
    pollfd open[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
    std::string* to[2] = {&outcome.out, &outcome.err};
    while (open[0].fd >= 0 || open[1].fd >= 0) {
      poll(open, 2, -1);
      for (int i = 0; i < 2; ++i) {
        if (open[i].fd < 0 || open[i].revents == 0) continue;
        char bytes[4096];
        const ssize_t n = read(open[i].fd, bytes, sizeof bytes);
        if (n <= 0) open[i].fd = -1;
        else to[i]->append(bytes, static_cast<size_t>(n));
      }
    }
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return outcome;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
};

inline Outcome cornu_run(const Arguments& arguments, const Setting& setting = {}) { return Command(arguments, setting).finish(); }

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
