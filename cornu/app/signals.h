// Ctrl-C and SIGTERM: asked for once, they end the training at the next step; asked for twice, they end the process.
#pragma once
#include <atomic>

namespace cornu::app {

/// Installs the handlers. The number of the signal that came, or 0: what FitOptions.interrupt watches.
const std::atomic<int>& watch_signals();

}  // namespace cornu::app
