#include "app/csv.h"

#include <algorithm>

#include "base/bytes.h"

namespace confab::app {
namespace {

tl::unexpected<Error> fail_at(std::size_t line, std::string_view why) {
  return fail(Errc::bad_payload, "line " + std::to_string(line) + ": " + std::string(why));
}

// Walks over the text once. Lives on: the caller's thread, during one parse.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  Result<CsvRow> row() {
    CsvRow row{line_, {}};
    for (;;) {
      auto field = rest_.starts_with('"') ? quoted() : plain();
      if (!field) return fail(std::move(field.error()));
      row.fields.push_back(std::move(*field));
      if (rest_.starts_with(',')) {
        rest_.remove_prefix(1);
        continue;
      }
      if (!end_line()) return fail_at(line_, "text after a closing quote");
      return row;
    }
  }

 private:
  bool end_line() {
    if (rest_.empty()) return true;
    const std::size_t skip = rest_.starts_with("\r\n") ? 2 : rest_.starts_with('\n') ? 1 : 0;
    rest_.remove_prefix(skip);
    line_ += skip > 0 ? 1 : 0;
    return skip > 0;
  }

  Result<std::string> plain() {
    const std::size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
    std::string_view field = rest_.substr(0, end);
    if (end < rest_.size() && rest_[end] == '\n' && field.ends_with('\r')) field.remove_suffix(1);
    if (field.find_first_of("\"\r") != std::string_view::npos)
      return fail_at(line_, "a stray quote or carriage return");
    rest_.remove_prefix(field.size());
    return std::string(field);
  }

  Result<std::string> quoted() {
    const std::size_t begun = line_;
    std::string field;
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) return fail_at(begun, "a quote that is never closed");
      const std::string_view piece = rest_.substr(0, quote);
      field.append(piece);
      line_ += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return field;
      field += '"';
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

bool is_empty(const CsvRow& row) {
  return row.fields.size() == 1 && row.fields.front().empty();
}

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) return fail(Errc::bad_payload, "not UTF-8");
  Reader reader(text);
  std::vector<CsvRow> rows;
  while (!reader.done()) {
    auto row = reader.row();
    if (!row) return fail(std::move(row.error()));
    if (!is_empty(*row)) rows.push_back(std::move(*row));
  }
  return rows;
}

std::string write_csv_row(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += fields[i];
      continue;
    }
    out += '"';
    for (const char c : fields[i]) out.append(c == '"' ? "\"\"" : std::string_view(&c, 1));
    out += '"';
  }
  return out + "\n";
}

}  // namespace confab::app
