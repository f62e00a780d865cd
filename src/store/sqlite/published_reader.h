// What is asked of the nodes that accounts publish in.
#pragma once

#include <memory>

#include "engine/ports.h"
#include "store/sqlite/database.h"

namespace confab::store {

// The part of a Reader that knows nodes; its errors are the Reader's. Lives on: one reader thread.
class PublishedReader {
 public:
  // `db` outlives this.
  explicit PublishedReader(const Database& db);
  ~PublishedReader();

  Result<> prepare();

  Result<core::Nodes> load_nodes(Uid uid);
  Result<core::ItemPage> load_items(Uid uid, const std::string& node, const core::ItemQuery& query, std::size_t bytes);
  Result<engine::LastPage> load_last_said(const engine::LastQuery& query);

 private:
  struct Statements;
  struct Person;
  struct Span;

  Result<> find_span(std::uint64_t node, const core::ItemQuery& query, Span& span);
  Result<> read_named(std::uint64_t node, const core::ItemQuery& query, std::size_t bytes, core::ItemPage& page);
  Result<> read_span(const Span& span, std::size_t bytes, core::ItemPage& page);
  Result<> read_last(const engine::LastQuery& query, engine::LastPage& page);
  Result<Person> find_person(const Address& address, const Address& asker);
  Result<core::EventPtr> last_item(const Person& person, const std::string& name, core::NodeConfig& config);
  Result<core::EventPtr> last_listening(const Person& person);

  const Database& db_;
  std::unique_ptr<Statements> sql_;
};

}  // namespace confab::store
