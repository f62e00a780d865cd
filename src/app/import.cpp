#include "app/import.h"

#include <algorithm>
#include <array>

#include "app/csv.h"

namespace confab::app {
namespace {

constexpr std::array<std::string_view, 5> kColumns{"name", "password", "display", "email", "department"};

tl::unexpected<Error> fail_at(std::size_t line, std::string_view why) {
  return fail(Errc::bad_payload, "line " + std::to_string(line) + ": " + std::string(why));
}

// Which of kColumns each column of the file is.
Result<std::vector<std::size_t>> read_header(const CsvRow& header) {
  std::vector<std::size_t> columns;
  for (const std::string& field : header.fields) {
    const auto found = std::find(kColumns.begin(), kColumns.end(), field);
    if (found == kColumns.end()) return fail_at(header.line, "unknown column \"" + field + "\"");
    const auto column = static_cast<std::size_t>(found - kColumns.begin());
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return fail_at(header.line, "column \"" + field + "\" twice");
    }
    columns.push_back(column);
  }
  for (std::size_t needed = 0; needed < 2; ++needed) {
    if (std::find(columns.begin(), columns.end(), needed) == columns.end()) {
      return fail_at(header.line, "the header row has no \"" + std::string(kColumns[needed]) + "\"");
    }
  }
  return columns;
}

Result<ImportRow> read_row(const CsvRow& row, const std::vector<std::size_t>& columns, std::size_t line) {
  if (row.fields.size() != columns.size()) {
    return fail_at(line,
                   std::to_string(row.fields.size()) + " fields, the header has " + std::to_string(columns.size()));
  }
  ImportRow out;
  out.line = line;
  const std::array<std::string*, 5> places{&out.name, &out.password, &out.profile.name, &out.profile.email,
                                           &out.department};
  for (std::size_t i = 0; i < columns.size(); ++i) *places[columns[i]] = row.fields[i];
  if (out.name.empty() || out.password.empty()) return fail_at(line, "name and password are needed");
  return out;
}

}  // namespace

Result<std::vector<ImportRow>> read_import(std::string_view text, std::size_t first_line) {
  const auto rows = parse_csv(text);
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(Errc::bad_payload, "line 1: the header row is missing");
  const auto columns = read_header(rows->front());
  if (!columns) return fail(columns.error());
  std::vector<ImportRow> out;
  // A part begins with the file's header in one line, then the file's lines from `first_line` on.
  for (std::size_t i = 1; i < rows->size(); ++i) {
    auto row = read_row((*rows)[i], *columns, (*rows)[i].line - 2 + first_line);
    if (!row) return fail(std::move(row.error()));
    out.push_back(std::move(*row));
  }
  return out;
}

Result<std::vector<ImportPart>> split_import(std::string_view text, std::size_t bytes) {
  if (auto whole = read_import(text); !whole) return fail(std::move(whole.error()));
  const auto rows = parse_csv(text);
  const std::string header = write_csv_row(rows->front().fields);
  std::vector<ImportPart> parts;
  std::size_t lines = 0;  // the next line of the last part
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    const std::string written = write_csv_row(row.fields);
    if (header.size() + written.size() > bytes) return fail_at(row.line, "too long");
    if (parts.empty() || parts.back().text.size() + written.size() > bytes || row.line != lines) {
      parts.push_back({row.line, header});
    }
    parts.back().text += written;
    lines = row.line + static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n'));
  }
  return parts;
}

}  // namespace confab::app
