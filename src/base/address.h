// An account's, device's or domain's address: local@domain/resource (RFC 7622), the same identifier on every wire.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace confab {

// Holds parts that are already prepared (names::prepare): two addresses are the same when their bytes are.
struct Address {
  std::string local;     // empty: a domain
  std::string domain;    // empty: no address at all
  std::string resource;  // empty: a bare address

  auto operator<=>(const Address&) const = default;
  bool empty() const { return domain.empty(); }
  bool is_bare() const { return resource.empty(); }
  bool is_domain() const { return local.empty() && resource.empty(); }
  Address bare() const { return {local, domain, {}}; }
  Address with(std::string_view device) const { return {local, domain, std::string(device)}; }
  bool same_bare(const Address& other) const { return local == other.local && domain == other.domain; }
};

// "local@domain/resource" with the parts that are there.
std::string to_string(const Address& address);

// Where local, domain and resource begin and end (RFC 7622 §3.1), nothing prepared: the first "/" ends the bare part,
// the first "@" before it ends the local part.
struct AddressParts {
  std::string_view local;
  std::string_view domain;
  std::string_view resource;
  bool has_local = false;     // an "@" was there
  bool has_resource = false;  // a "/" was there
};
AddressParts split_address(std::string_view text);

}  // namespace confab
