#include "names/names.h"

#include <doctest/doctest.h>

#include "names/precis.h"

using namespace confab;
using namespace confab::names;

namespace {
// "-": refused.
std::string shown(const Result<std::string>& made) {
  return made ? *made : "-";
}
std::string address(std::string_view text) {
  const auto made = parse_address(text);
  if (!made) CHECK(made.error().code == Errc::bad_address);
  if (made) CHECK(parse_address(to_string(*made)).value() == *made);
  return made ? to_string(*made) : "-";
}
std::string local(std::string_view text) {
  const auto made = prepare_local(text);
  if (made) CHECK(prepare_local(*made).value() == *made);
  return shown(made);
}
std::string domain(std::string_view text) {
  const auto made = prepare_domain(text);
  if (made) CHECK(prepare_domain(*made).value() == *made);
  return shown(made);
}
}  // namespace

TEST_CASE("RFC 7622 section 3.5: valid addresses") {
  for (const char* same :
       {"juliet@example.com", "juliet@example.com/foo", "juliet@example.com/foo bar", "juliet@example.com/foo@bar",
        "foo\\20bar@example.com", "fussball@example.com", "fu\u00DFball@example.com", "\u03C0@example.com",
        "\u03C3@example.com/foo", "\u03C2@example.com/foo", "king@example.com/\u265A", "example.com",
        "example.com/foobar", "a.example.com/b@example.net"}) {
    CAPTURE(same);
    CHECK(address(same) == same);
  }
  CHECK(address("\u03A3@example.com/foo") == "\u03C3@example.com/foo");
}

TEST_CASE("RFC 7622 section 3.5: what is no address") {
  for (const char* bad : {"\"juliet\"@example.com", "foo bar@example.com", "juliet@example.com/ foo", "@example.com/",
                          "henry\u2163@example.com", "\u265A@example.com", "juliet@", "/foobar", "", "@",
                          "@example.com", "juliet@example.com/", "example.com/", "a@b@c", "a@/b"}) {
    CAPTURE(bad);
    CHECK(address(bad) == "-");
  }
}

TEST_CASE("RFC 8265 section 3.5: user names") {
  CHECK(local("fussball") == "fussball");
  CHECK(local("fu\u00DFball") == "fu\u00DFball");
  CHECK(local("\u03C0") == "\u03C0");
  CHECK(local("\u03A3") == "\u03C3");
  CHECK(local("\u03C3") == "\u03C3");
  CHECK(local("\u03C2") == "\u03C2");
  CHECK(local("foo bar") == "-");
  CHECK(local("") == "-");
  CHECK(local("henry\u2163") == "-");
  CHECK(local("\u221E") == "-");
}

TEST_CASE("local parts: case, width, composition") {
  CHECK(local("Juliet.CAPULET") == "juliet.capulet");
  CHECK(local("\uFF21\uFF22\uFF43") == "abc");
  CHECK(local("\uFF76\uFF9E") == "\u30AC");  // half-width KA and voiced mark
  CHECK(local("E\u0301") == "\u00E9");
  CHECK(local("\u212B") == "\u00E5");  // the Angstrom sign
  CHECK(local("a\uFF20b") == "-");     // a wide @
  CHECK(local("a\uFF0Fb") == "-");     // a wide /
  for (const char c : std::string_view("\"&'/:<>@ \x7F\x01")) CHECK(local(std::string("a") + c + "b") == "-");
  CHECK(local(std::string_view("a\0b", 3)) == "-");
  CHECK(local(std::string(1023, 'a')).size() == 1023);
  CHECK(local(std::string(1024, 'a')) == "-");
  CHECK(local("\xFF") == "-");
  CHECK(local("a\u0378") == "-");   // unassigned
  CHECK(local("\u1100") == "-");    // old Hangul jamo
  CHECK(local("a\u200B") == "-");   // ignorable
  CHECK(local("\uFB01") == "-");    // a ligature
  CHECK(local("a\u0640") == "-");   // tatweel, by exception
  CHECK(local("a\u00ADb") == "-");  // soft hyphen
}

TEST_CASE("RFC 5892 Appendix A: contextual rules") {
  CHECK(local("l\u00B7l") == "l\u00B7l");
  CHECK(local("a\u00B7l") == "-");
  CHECK(local("\u00B7") == "-");
  CHECK(local("\u0375\u03B1") == "\u0375\u03B1");
  CHECK(local("\u0375a") == "-");
  CHECK(local("\u05D0\u05F3") == "\u05D0\u05F3");
  CHECK(local("\u05F4\u05D0") == "-");
  CHECK(local("\u30A2\u30FB") == "\u30A2\u30FB");
  CHECK(local("a\u30FBb") == "-");
  CHECK(local("\u0915\u094D\u200D\u0937") == "\u0915\u094D\u200D\u0937");
  CHECK(local("\u0915\u200D\u0937") == "-");
  CHECK(local("\u0628\u200C\u0628") == "\u0628\u200C\u0628");
  CHECK(local("a\u200Cb") == "-");
  CHECK(local("\u0627\u0660") == "\u0627\u0660");
  CHECK(local("\u0627\u0660\u06F1") == "-");
}

TEST_CASE("RFC 5893: right to left") {
  CHECK(local("\u05D0\u05D1") == "\u05D0\u05D1");
  CHECK(local("\u05D01") == "\u05D01");
  CHECK(local("1\u05D0") == "-");
  CHECK(local("a\u05D0") == "-");
  CHECK(local("\u05D0a") == "-");
  CHECK(local("\u05D0-") == "-");
  CHECK(local("\u0627\u06611") == "-");
  CHECK(is_bidi_valid(U"abc1"));
  CHECK(is_bidi_valid(U"\u05D0\u05B0"));
  CHECK_FALSE(is_bidi_valid(U"\u05B0\u05D0"));
}

TEST_CASE("RFC 8265 section 4.3: passwords") {
  for (const char* same :
       {"correct horse battery staple", "Correct Horse Battery Staple", "\u03C0\u00DF\u00E5", "Jack of \u2666s"}) {
    CHECK(shown(prepare_password(same)) == same);
  }
  CHECK(shown(prepare_password("foo\u1680bar")) == "foo bar");
  CHECK(shown(prepare_password("")) == "-");
  CHECK(shown(prepare_password("my cat is a \tby")) == "-");
  CHECK(shown(prepare_password("my cat is a \u0009\u00E9")) == "-");
  CHECK(shown(prepare_password(" a ")) == " a ");
  CHECK(shown(prepare_password("e\u0301")) == "\u00E9");
  CHECK(prepare_password("").error().code == Errc::bad_payload);
}

TEST_CASE("resources") {
  CHECK(shown(prepare_resource("Phone \u00E9\uFF21")) == "Phone \u00E9\uFF21");
  CHECK(shown(prepare_resource("\u3000x")) == "-");
  CHECK(shown(prepare_resource("a\nb")) == "-");
  CHECK(shown(prepare_resource(std::string(1024, 'x'))) == "-");
  CHECK(shown(prepare_resource("\uFFFF")) == "-");
  CHECK(shown(prepare_resource("\xC3")) == "-");
}

TEST_CASE("RFC 8266 section 3: nicknames") {
  const char* const rows[][3] = {{"Foo", "Foo", "foo"},
                                 {"foo", "foo", "foo"},
                                 {"Foo Bar", "Foo Bar", "foo bar"},
                                 {"  foo \u00A0\u3000bar ", "foo bar", "foo bar"},
                                 {"\u03A3", "\u03A3", "\u03C3"},
                                 {"\u03C3", "\u03C3", "\u03C3"},
                                 {"\u03C2", "\u03C2", "\u03C2"},
                                 {"\u265A", "\u265A", "\u265A"},
                                 {"Richard \u2163", "Richard IV", "richard iv"}};
  for (const auto& row : rows) {
    CHECK(shown(prepare_nickname(row[0])) == row[1]);
    CHECK(shown(nickname_key(row[0])) == row[2]);
  }
  CHECK(shown(prepare_nickname("  ")) == "-");
  CHECK(shown(prepare_nickname("a\u0007")) == "-");
  CHECK(prepare_nickname("").error().code == Errc::bad_payload);
}

TEST_CASE("domains") {
  CHECK(domain("Example.COM") == "example.com");
  CHECK(domain("example.com.") == "example.com");
  CHECK(domain("localhost") == "localhost");
  CHECK(domain("xn--fuball-cta.example") == "fu\u00DFball.example");
  CHECK(domain("XN--FUBALL-CTA.example") == "fu\u00DFball.example");
  CHECK(domain("FU\u00DFball.example") == "fu\u00DFball.example");
  CHECK(domain("B\u00DCCHER.example") == "b\u00FCcher.example");
  CHECK(domain("bu\u0308cher.example") == "b\u00FCcher.example");
  CHECK(domain("\uFF41\uFF0E\uFF42") == "a.b");
  CHECK(domain("192.0.2.1") == "192.0.2.1");
  CHECK(domain("[2001:DB8:0::1]") == "[2001:db8::1]");
  for (const char* bad : {"",
                          ".",
                          "a..b",
                          ".a",
                          "-a.b",
                          "a-.b",
                          "a_b",
                          "a b",
                          "a@b",
                          "1.2.3.256",
                          "1.2.3",
                          "[::g]",
                          "[1.2.3.4]",
                          "[::1%lo]",
                          "::1",
                          "\u265A.example",
                          "xn--a.example",
                          "ab--c.example",
                          "\u2163.example",
                          "xn--www-fza\u00E9.example",
                          "a\u200Db.example",
                          "\xFF"}) {
    CAPTURE(bad);
    CHECK(domain(bad) == "-");
  }
  CHECK(domain(std::string(63, 'a') + ".b").size() == 65);
  CHECK(domain(std::string(64, 'a') + ".b") == "-");
  CHECK(domain(std::string_view("a\0b", 3)) == "-");
  std::string wide;
  for (int i = 0; i < 130; ++i) wide += "a.";
  CHECK(domain(wide) == "-");
}

TEST_CASE("RFC 8264 section 8: derived properties") {
  CHECK(derive(U'a') == Derived::valid);
  CHECK(derive(U' ') == Derived::freeform_only);
  CHECK(derive(0x00DF) == Derived::valid);
  CHECK(derive(0x200D) == Derived::context_joiner);
  CHECK(derive(0x0660) == Derived::context_other);
  CHECK(derive(0x2163) == Derived::freeform_only);
  CHECK(derive(0x0378) == Derived::unassigned);
  CHECK(derive(0xFDD0) == Derived::disallowed);
  CHECK(derive(0x0000) == Derived::disallowed);
  CHECK(derive(0xE000) == Derived::disallowed);  // private use
  CHECK(derive(0xD55C) == Derived::valid);       // a Hangul syllable
}

TEST_CASE("every single code point is prepared to something stable or refused") {
  for (char32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 7) {
    if (c >= 0xD800 && c < 0xE000) continue;
    const std::string text = to_utf8(icu::UnicodeString(static_cast<UChar32>(c)));
    for (const auto prepare : {prepare_local, prepare_resource, prepare_nickname, nickname_key}) {
      const auto made = prepare(text);
      if (made) REQUIRE(prepare(*made).value() == *made);
    }
  }
}
