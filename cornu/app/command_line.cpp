// The one file that knows CLI11: flags, help and suggestions.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cornu/app/command.h"
#include "cornu/app/output.h"

namespace cornu::app {
namespace {

constexpr size_t indent = 26, width = 80;

constexpr const char* about =
    "cornu: Keras in native C++. Trains, evaluates and applies neural networks;\n"
    "reads and writes Keras's .keras files.";
constexpr const char* main_footer =
    "Start with:\n"
    "  cornu train --data fashion-mnist --save fashion.keras \\\n"
    "    --layers \"dense:10:relu dense:10:relu dense:10:softmax\" --epochs 10\n"
    "  cornu evaluate fashion.keras --data fashion-mnist\n"
    "  cornu predict fashion.keras --data fashion-mnist --count 5\n"
    "\n"
    "'cornu COMMAND --help' tells all that a command takes, with examples.\n"
    "\n"
    "Exit codes: 0 done; 2 wrong usage, or data and model that do not fit; 3 a file\n"
    "cannot be read or written; 4 a file is damaged or unsafe; 5 a loss that is not a\n"
    "number; 130 and 143 ended by Ctrl-C or SIGTERM; 1 anything else.\n";

/// `text` in lines of at most `width`, all but the first behind `indent` spaces. Its own line breaks stay.
std::string wrapped(const std::string& text, size_t column) {
  std::string out;
  size_t at = column;
  for (size_t i = 0; i < text.size();) {
    const size_t end = std::min(text.find_first_of(" \n", i), text.size());
    const std::string word = text.substr(i, end - i);
    const bool fresh = at == indent;
    if (!fresh && at + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (!fresh) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    if (end < text.size() && text[end] == '\n') {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    }
    i = end + 1;
  }
  return out;
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string names = is_positional ? option->get_name(true) : "";
    if (!is_positional) {
      for (const std::string& name : option->get_snames()) names += (names.empty() ? "-" : ", -") + name;
      for (const std::string& name : option->get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    }
    std::string line = "  " + names + (option->get_type_name().empty() || is_positional ? "" : " " + option->get_type_name());
    line += line.size() + 2 > indent ? "\n" + std::string(indent, ' ') : std::string(indent - line.size(), ' ');
    return line + wrapped(option->get_description(), indent) + "\n";
  }
  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string line = "  " + sub->get_name();
    return line + std::string(indent / 2 - line.size(), ' ') + sub->get_description() + "\n";
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = "Usage: " + (app->get_parent() ? app->get_parent()->get_name() + " " + app->get_name() : name.empty() ? app->get_name() : name);
    for (const CLI::Option* option : app->get_options())
      if (option->get_positional()) usage += " " + option->get_name(true);
    return usage + (app->get_subcommands({}).empty() ? " [OPTIONS]\n" : " COMMAND [OPTIONS]\n");
  }
  std::string make_footer(const CLI::App* app) const override { return app->get_footer().empty() ? "" : "\n" + app->get_footer(); }
};

/// CLI11 puts two empty lines between groups.
std::string help_of(const CLI::App& app) {
  std::string help = app.help();
  for (size_t at; (at = help.find("\n\n\n")) != std::string::npos;) help.erase(at, 1);
  return help;
}

class CliFlags final : public Flags {
 public:
  explicit CliFlags(CLI::App& app) : app_(app) {}
  void section(const std::string& title) override { title_ = title; }
  void flag(const std::string& names, bool& to, const std::string& help) override { in_section(app_.add_flag(names, to, help)); }
  void values(const std::string& names, std::vector<std::string>& to, int most, const std::string& placeholder, const std::string& help) override {
    in_section(app_.add_option(names, to, help)->type_name(placeholder)->expected(1, most));
  }
  void positional(const std::string& name, std::string& to, const std::string& help) override {
    app_.add_option(name, to, help)->required()->group("Arguments");
  }

 protected:
  void add_value(const std::string& names, const std::string& placeholder, const std::string& help, std::function<void(const std::string&)> read) override {
    in_section(app_.add_option_function<std::string>(names, std::move(read), help)->type_name(placeholder));
  }

 private:
  void in_section(CLI::Option* option) { option->group(title_); }
  CLI::App& app_;
  std::string title_ = "Options";
};

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_fnames()) names.push_back("--" + name);
  }
  return names;
}

/// What is left over was not understood.
void refuse_extras(const CLI::App& app, const std::string& where, const std::vector<std::string>& known, std::string_view kind) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const auto option = std::find_if(extras.begin(), extras.end(), [](const std::string& s) { return s.size() > 1 && s[0] == '-'; });
  const std::string given = option != extras.end() ? *option : extras[0];
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string what = option != extras.end() ? "option" : std::string(kind);
  throw ArgumentError(text(where, " has no ", what, " '", printable(given), "'", did_you_mean(given.substr(0, given.find('=')), views), "; '", where, " --help' lists them"));
}

}  // namespace

int run_command_line(const std::vector<Command>& commands, int argc, const char* const* argv) {
  CLI::App app(about, "cornu");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "shows this");
  app.set_version_flag("--version", "cornu " CORNU_VERSION, "shows the version");
  app.allow_extras();
  app.footer(main_footer);
  std::vector<std::string> names = {"--help", "--version"};
  std::vector<std::pair<const Command*, CLI::App*>> subs;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->allow_extras();
    sub->footer(command.examples);
    CliFlags flags(*sub);
    command.declare(flags);
    names.push_back(command.name);
    subs.emplace_back(&command, sub);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(help_of(app));
    return 0;
  } catch (const CLI::CallForVersion&) {
    print("cornu " CORNU_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& e) {
    std::string where = "cornu";
    for (const auto& [command, sub] : subs)
      if (sub->parsed()) {
        refuse_extras(*sub, "cornu " + command->name, names_of(*sub), "argument");
        where += " " + command->name;
      }
    throw ArgumentError(text(e.what(), "; see '", where, " --help'"));
  }
  for (const auto& [command, sub] : subs) {
    if (!sub->parsed()) continue;
    refuse_extras(*sub, "cornu " + command->name, names_of(*sub), "argument");
    return command->run();
  }
  refuse_extras(app, "cornu", names, "command");
  print(help_of(app));
  return 2;
}

}  // namespace cornu::app
