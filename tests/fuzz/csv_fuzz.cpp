// A CSV file is a table with one label for each row, or an error. The first byte chooses the options.
#include <cstdlib>

#include "cornu/base/error.h"
#include "cornu/data/csv.h"
#include "memory_file.h"
#include "targets.h"

int csv_fuzz(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const MemoryFile file(data + 1, size - 1);
  cornu::CsvOptions options{.delimiter = (data[0] & 1) != 0 ? ';' : ',', .header = (data[0] & 2) != 0, .limits = {.memory_bytes = 64 << 20}};
  if ((data[0] & 4) != 0) options.label_column = options.header ? "label" : "0";
  try {
    const cornu::Csv csv = cornu::read_csv(file.path(), options);
    if (csv.x.shape()[1] != static_cast<int64_t>(csv.feature_names.size())) std::abort();
    if (!csv.label_name.empty() && csv.y.size() != csv.x.shape()[0]) std::abort();
  } catch (const cornu::FormatError&) {
  } catch (const cornu::ArgumentError&) {  // no such column
  }
  return 0;
}
