// A subcommand: what it can be asked for, and what it does. command_line.cpp turns argv into one of them.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cornu/base/error.h"

namespace cornu::app {

/// What read() gives. Whatever a file asks for and cornu lacks is a mistake of the file to the command: a FormatError, which exits
/// with 4, where a library says UnsupportedError.
template <class Read> auto from_file(const Read& read) {
  try {
    return read();
  } catch (const UnsupportedError& e) {
    throw FormatError(e.what());
  }
}

// The text of an option as a value. Each throws ArgumentError, which names the option, what was given and what was expected.
void read_value(std::string_view option, const std::string& given, std::string& to);
void read_value(std::string_view option, const std::string& given, int& to);
void read_value(std::string_view option, const std::string& given, int64_t& to);
void read_value(std::string_view option, const std::string& given, uint64_t& to);
void read_value(std::string_view option, const std::string& given, double& to);
template <class T> void read_value(std::string_view option, const std::string& given, std::optional<T>& to) {
  read_value(option, given, to.emplace());
}

/// Where a command says what it takes. `names` are as in "--epochs" or "-n,--count"; `placeholder` is what help shows for the
/// value; what is bound must live until the command has run.
class Flags {
 public:
  virtual ~Flags() = default;
  /// The heading of the options that follow.
  virtual void section(const std::string& title) = 0;
  virtual void flag(const std::string& names, bool& to, const std::string& help) = 0;
  template <class T> void value(const std::string& names, T& to, const std::string& placeholder, const std::string& help) {
    const std::string option = names.substr(names.rfind(',') + 1);
    add_value(names, placeholder, help, [&to, option](const std::string& given) { read_value(option, given, to); });
  }
  /// From one to `most` values, one after another.
  virtual void values(const std::string& names, std::vector<std::string>& to, int most, const std::string& placeholder, const std::string& help) = 0;
  /// An argument without a name, which must be there.
  virtual void positional(const std::string& name, std::string& to, const std::string& help) = 0;

 protected:
  virtual void add_value(const std::string& names, const std::string& placeholder, const std::string& help, std::function<void(const std::string&)> read) = 0;
};

struct Command {
  std::string name, summary, examples;
  std::function<void(Flags&)> declare;
  std::function<int()> run;  // the exit code
};

// Each in the file of its name.
Command train_command();
Command evaluate_command();
Command predict_command();
Command summary_command();
Command info_command();

/// Reads the command line and runs what it asks for. Throws ArgumentError for what means nothing, suggesting the near thing.
int run_command_line(const std::vector<Command>& commands, int argc, const char* const* argv);

}  // namespace cornu::app
