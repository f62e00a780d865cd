#include "xmpp/interests.h"

#include <doctest/doctest.h>

#include <thread>

#include "xml/reader.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

struct Query {
  explicit Query(const std::string& content) {
    xml::Limits limits;
    limits.bytes = 1 << 20;
    const std::string text = "<query xmlns='http://jabber.org/protocol/disco#info'>" + content + "</query>";
    const Result<xml::Element*> read = xml::read_document(text, limits, document);
    REQUIRE(read.has_value());
    element = *read;
  }
  xml::Document document;
  const xml::Element* element = nullptr;
};

const std::string kExodus =
    "<identity category='client' name='Exodus 0.9.1' type='pc'/><feature var='http://jabber.org/protocol/caps'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/><feature var='http://jabber.org/protocol/disco#items'/>"
    "<feature var='http://jabber.org/protocol/muc'/>";

const std::string kPsi =
    "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
    "<identity xml:lang='el' category='client' name='\u03a8 0.11' type='pc'/>"
    "<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>"
    "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
    "<value>urn:xmpp:dataforms:softwareinfo</value></field>"
    "<field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>"
    "<field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>"
    "<field var='software'><value>Psi</value></field><field var='software_version'><value>0.11</value></field></x>";

CapsName name(std::string ver, std::string hash = "sha-1") {
  return {std::move(hash), "http://psi-im.org", std::move(ver)};
}

bool is_ill_formed(const std::string& content) {
  return !verification_input(*Query(content).element).has_value();
}

InterestsPtr interests(const std::string& caps, std::vector<std::string> nodes = {}) {
  return std::make_shared<const Interests>(Interests{caps, std::move(nodes)});
}

}  // namespace

TEST_CASE("interests: XEP-0115 §5.2 and §5.3, both examples, and sha-256") {
  CHECK(is_genuine(name("QgayPKawpkPSDYmwT/WM94uAlu0="), *Query(kExodus).element) == true);
  CHECK(is_genuine(name("q07IKJEyjvHSyhy//CH0CxmKi8w="), *Query(kPsi).element) == true);
  CHECK(is_genuine(name("q07IKJEyjvHSyhy//CH0CxmKi8w="), *Query(kExodus).element) == false);
  CHECK(is_genuine(name("Wr6IGEKhx6b9627gBmi/cCmpxXBc/GYq5zWuYfWGWoc=", "sha-256"), *Query(kExodus).element) == true);
  CHECK_FALSE(is_genuine(name("QgayPKawpkPSDYmwT/WM94uAlu0=", "md5"), *Query(kExodus).element).has_value());
  CHECK(*verification_input(*Query(kPsi).element) ==
        "client/pc/el/\u03a8 0.11<client/pc/en/Psi 0.11<http://jabber.org/protocol/caps<"
        "http://jabber.org/protocol/disco#info<http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<"
        "urn:xmpp:dataforms:softwareinfo<ip_version<ipv4<ipv6<os<Mac<os_version<10.5.1<software<Psi<"
        "software_version<0.11<");
}

TEST_CASE("interests: XEP-0115 §5.4, what is ill-formed") {
  const std::string form =
      "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>urn:t</value></field></x>";
  CHECK_FALSE(is_ill_formed(kExodus));
  CHECK(is_ill_formed(kExodus + "<feature var='http://jabber.org/protocol/muc'/>"));
  CHECK(is_ill_formed(kExodus + "<identity category='client' name='Exodus 0.9.1' type='pc'/>"));
  CHECK_FALSE(is_ill_formed(form));
  CHECK(is_ill_formed(form + form));
  CHECK(
      is_ill_formed("<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value>"
                    "</field></x>"));
  // Passed over: no FORM_TYPE, or not a hidden one.
  CHECK(*verification_input(*Query("<x xmlns='jabber:x:data'><field var='a'><value>b</value></field></x>").element) ==
        "");
  CHECK(*verification_input(
            *Query("<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>b</value></field></x>").element) == "");
}

TEST_CASE("interests: XEP-0115 §9.3, a separator inside a part is not believed: it could stand for other parts") {
  // The same text as of a client with one feature more.
  CHECK(*verification_input(*Query("<feature var='a'/><feature var='b+notify'/>").element) == "a<b+notify<");
  CHECK(is_ill_formed("<feature var='a&lt;b+notify'/>"));
  CHECK(is_ill_formed("<identity category='client' type='pc' name='x&lt;y'/>"));
  for (const char* field : {"<field var='a&lt;b'/>", "<field var='a'><value>b&lt;c</value></field>"}) {
    CHECK(is_ill_formed("<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>t</value></field>" +
                        std::string(field) + "</x>"));
  }
  CHECK(
      is_ill_formed("<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>t&lt;u</value></field></x>"));
}

TEST_CASE("interests: what a client wants to be told of, within its bounds") {
  const auto found = read_interests(
      "k",
      *Query("<feature var='b+notify'/><feature var='a+notify'/><feature var='c'/><feature var='+notify'/>"
             "<feature var='b+notify'/><feature var='" +
             std::string(1024, 'x') + "+notify'/>")
           .element,
      10'000);
  CHECK(found->caps == "k");
  CHECK(found->nodes == std::vector<std::string>{"a", "b"});
  CHECK(found->covers("a"));
  CHECK_FALSE(found->covers("c"));
  CHECK_FALSE(found->covers(""));
  CHECK(read_interests("k", *Query("<feature var='aa+notify'/><feature var='bb+notify'/>").element, 60)->nodes ==
        std::vector<std::string>{"aa"});
}

TEST_CASE("interests: what is newly wanted, with the tune's node as what is listened to") {
  const auto now = interests("k", {"a", "b", "http://jabber.org/protocol/tune"});
  const core::ShowLast all = newly_wanted(*now, nullptr);
  CHECK(all.nodes == std::vector<std::string>{"a", "b"});
  CHECK(all.listening);
  const core::ShowLast some = newly_wanted(*now, interests("j", {"a", "http://jabber.org/protocol/tune"}).get());
  CHECK(some.nodes == std::vector<std::string>{"b"});
  CHECK_FALSE(some.listening);
}

TEST_CASE("interests: the cache keeps as many as it may, and those that are asked for longest") {
  CapsCache cache(2000);
  std::weak_ptr<const Interests> first;
  {
    const auto popular = interests("popular", {"a"});
    cache.put(popular);
    first = popular;
  }
  std::weak_ptr<const Interests> forgotten;
  for (int i = 0; i < 100'000; ++i) {
    auto one = interests("sha-1 " + std::to_string(i), {"urn:node:" + std::to_string(i)});
    if (i == 7) forgotten = one;
    cache.put(std::move(one));
    if (i % 50 == 0) REQUIRE(cache.find("popular") != nullptr);
    REQUIRE(cache.size() <= 2000);
  }
  CHECK(cache.size() == 2000);
  CHECK(first.lock() != nullptr);
  CHECK(forgotten.expired());
  CHECK(cache.find("sha-1 7") == nullptr);
  CHECK(cache.find("sha-1 99999") != nullptr);
}

TEST_CASE("interests: what is in the cache stays what it was, and its users share it") {
  CapsCache cache(100);
  cache.put(interests("k", {"a"}));
  const InterestsPtr one = cache.find("k");
  cache.put(interests("k", {"b"}));
  CHECK(cache.find("k") == one);
  CHECK(cache.find("k")->covers("a"));
  CHECK(CapsCache(0).size() == 0);
}

TEST_CASE("interests: the cache is used by all shards at a time") {
  CapsCache cache(64);
  std::vector<std::thread> shards;
  for (int shard = 0; shard < 4; ++shard) {
    shards.emplace_back([&cache, shard] {
      for (int i = 0; i < 2'000; ++i) {
        const std::string caps = std::to_string((i + shard) % 200);
        if (cache.find(caps) == nullptr) cache.put(interests(caps, {"n" + caps}));
      }
    });
  }
  for (std::thread& shard : shards) shard.join();
  CHECK(cache.size() <= 64);
}
