// Where a run's text goes: sys.stdout, warnings to Python's warnings.
#include "callbacks.h"

namespace cornu::python {
namespace {

nb::object stream() { return nb::module_::import_("sys").attr("stdout"); }

/// Jupyter's streams redraw lines as terminals do, and say that they are none.
bool in_notebook(nb::handle out) { return nb::cast<std::string>(nb::str(nb::type_name(out.type()))).find("ipykernel") != std::string::npos; }

struct PythonConsole final : Console {
  void print(std::string_view text) override {
    const nb::gil_scoped_acquire gil;
    const nb::object out = stream();
    if (out.is_none()) return;
    out.attr("write")(nb::str(text.data(), text.size()));
    out.attr("flush")();
  }
  void warn(std::string_view text) override {
    const nb::gil_scoped_acquire gil;
    if (PyErr_WarnEx(PyExc_UserWarning, std::string(text).c_str(), 1) != 0) throw nb::python_error();
  }
  bool is_terminal() const override {
    const nb::gil_scoped_acquire gil;
    const nb::object out = stream();
    if (out.is_none()) return false;
    return in_notebook(out) || (nb::hasattr(out, "isatty") && nb::cast<bool>(out.attr("isatty")()));
  }
  int colors() const override {
    if (!is_terminal()) return 0;
    const nb::gil_scoped_acquire gil;
    return in_notebook(stream()) ? 256 : standard_console().colors();
  }
  int columns() const override { return standard_console().columns(); }
  bool is_utf8() const override {
    const nb::gil_scoped_acquire gil;
    const nb::object encoding = nb::getattr(stream(), "encoding", nb::none());
    if (encoding.is_none()) return true;  // text is not encoded yet: StringIO
    const std::string name = nb::cast<std::string>(encoding.attr("lower")());
    return name == "utf-8" || name == "utf8";
  }
  double seconds() const override { return standard_console().seconds(); }
};

}  // namespace

Console& python_console() {
  static PythonConsole console;
  return console;
}

}  // namespace cornu::python
