// The command `cornu`: errors become one line on standard error and an exit code.
#include <csignal>
#include <new>

#include "cornu/app/command.h"
#include "cornu/app/output.h"

namespace {

using namespace cornu;

int fail(int code, std::string_view why) {
  app::remark(why);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that leaves is an error code, not the end of the training
  std::signal(SIGXFSZ, SIG_IGN);  // and so is a file that may not grow
  try {
    return app::run_command_line({app::train_command(), app::evaluate_command(), app::predict_command(), app::summary_command(), app::info_command()}, argc, argv);
  } catch (const app::ClosedPipe&) {
    return 0;
  } catch (const ArgumentError& e) {
    return fail(2, e.what());
  } catch (const IoError& e) {
    return fail(3, e.what());
  } catch (const FormatError& e) {
    return fail(4, e.what());
  } catch (const NumericError& e) {
    return fail(5, e.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "there is not enough memory; use a smaller --batch-size, model or data set");
  } catch (const std::exception& e) {
    return fail(1, e.what());
  }
}
