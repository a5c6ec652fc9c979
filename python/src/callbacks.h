// Callbacks on their way from Python into a run, and where a run's text goes. models.cpp uses them.
#pragma once
#include "bind.h"

namespace cornu::python {

nb::dict to_python(const Logs& logs);

/// Those that fit was given: objects of Python's Callback. Built-in ones whose hooks nobody overrode run without Python. `model`
/// is Python's model: its stop_training ends the run. One more looks for signals a few times each second, so that Ctrl-C raises
/// KeyboardInterrupt after the step in progress.
std::vector<Callback> callbacks_from(nb::handle list, nb::handle model);

/// Python's sys.stdout: what notebooks and pytest capture.
Console& python_console();

}  // namespace cornu::python
