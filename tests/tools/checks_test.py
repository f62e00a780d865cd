#!/usr/bin/env python3
"""Plants one fault at a time in an empty repository: each check must find it, and nothing in sound code."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

SOUND = {
    'src/net/stream.h': '''// A stream of bytes.
#pragma once
#include "session/session.h"
namespace confab::net {
// Reads and writes; 10'000 at a time; see RFC 6120 (the old text); nothing else.
// Lives on: the connection's shard.
template <class Data>
class Stream final : public Base<decltype(0)> {
 public:
  Stream(int a, int b) : a_{a}, b_(b) {}
  void on_bytes(std::string text = {}) { if (text == "handle_it(" ) { a_ = '}'; } }
 private:
  class Part { int x; };
  int a_{0};
};
struct PeerInfo { int x = 0; };
struct Base { virtual ~Base() = default; };
// Calls it. Lives on: anywhere.
template <class R, class... Args>
class Call<R(Args...)> {
''' + '  int x;\n' * 61 + '''};
}
''',
    'src/store/store.cpp': '#include <sqlite3.h>\n#include "engine/ports.h"\nconst char* k = R"(co_await } // TO' 'DO)";\n',
    'docs/sound.md': '# A page, and *more*\n[code](../src/store/store.cpp) [here](#a-page-and-more)\n```\n[no](link)\n```\n',
    'src/xmpp/ext/ping.cpp': '#include "xmpp/ext/ping.h"\n#include "core/event.h"\n#include "xml/element.h"\n',
}

LAYERS = {
    'src/core/a.cpp': '#include "engine/ports.h"\n',
    'src/core/b.cpp': 'auto x = std::chrono::system_clock::now();\n',
    'src/core/c.cpp': '#include "xml/reader.h"\n',
    'src/xmpp/a.cpp': '#include "net/stream.h"\n',
    'src/xmpp/b.cpp': '#include "http/wire.h"\n',
    'src/xmpp/ext/a.cpp': '#include "xmpp/ext/b.h"\n',
    'src/net/a.cpp': '#include "core/event.h"\n',
    'src/engine/a.cpp': '#include <boost/asio/post.hpp>\n',
    'src/store/a.cpp': '#include "engine/actor.h"\n',
    'src/http/a.cpp': '#include <openssl/evp.h>\n',
    'src/engine/b.cpp': '#include <sqlite3.h>\n',
    'src/xmpp/c.cpp': '#include "../net/stream.h"\n',
    'src/odd/a.cpp': 'int x;\n',
    'src/core/tests/a_test.cpp': '#include "net/stream.h"\n',
}

STYLE = {
    'src/engine/a.cpp': 'void f() { co_return; }\n',
    'src/core/a.h': '#include <iostream>\n',
    'src/core/b.h': 'class RosterManager {};\n',
    'src/core/c.h': 'struct MessageInfo;\n',
    'src/core/d.cpp': 'void handle_message(int x);\n',
    'src/core/e.cpp': 'void A::f() {\n  do_it(3);\n}\n',
    'src/core/f.cpp': '// x = old_value(3);\n',
    'src/core/g.cpp': '// return old;\n',
    'src/net/b.h': '// A thing.\nclass Thing {\n  int x;\n};\n',
    'src/store/b.h': 'struct Port {\n  virtual ~Port() = default;\n  virtual int f() = 0;\n};\n',
    'src/core/h.cpp': 'int\tx;\n',
    'src/core/i.cpp': 'int x;',
    'src/core/j.cpp': '// TO' 'DO: more\n',
    'docs/a.md': 'FIX' 'ME\n',
}

LONG = 'x = 1;\n'
SIZES = {
    'src/core/a.cpp': 'int x;\n' * 401,
    'src/core/b.cpp': 'void f(int a) {\n' + LONG * 60 + '}\n',
    'src/core/c.cpp': 'struct A {\n  A() : x{1}, y{2} {\n' + LONG * 60 + '}\n};\n',
    'src/core/d.cpp': 'auto A::f() const -> int {\n' + LONG * 60 + '}\n',
    'tests/a_test.cpp': 'TEST_CASE("x {") {\n' + LONG * 60 + '}\n',
    'tools/a.py': 'def f():\n' + '    pass\n' * 60,
}

WORDS = {
    'docs/a.md': 'see /wo' 'rk/here\n',
    'docs/b.md': 'fixes #' '12\n',
}

LINKS = {
    'docs/a.md': '[gone](gone.md)\n',
    'docs/b.md': 'text, [a heading](sound.md#none)\n',
    'c.md': '[out](../../etc)\n',
}


class Checks(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix='confab-checks-'))
        shutil.copytree(ROOT / 'tools', self.root / 'tools', ignore=shutil.ignore_patterns('__pycache__'))
        (self.root / 'tools/sizes_exceptions.txt').write_text('')
        subprocess.run(['git', 'init', '-q', str(self.root)], check=True)
        for path, text in SOUND.items():
            self.write(path, text)

    def tearDown(self):
        shutil.rmtree(self.root)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run_check(self, name):
        return subprocess.run([str(self.root / 'tools' / name)], capture_output=True, text=True)

    def finds_each(self, name, faults):
        sound = self.run_check(name)
        self.assertEqual(sound.returncode, 0, sound.stdout + sound.stderr)
        for path, text in faults.items():
            with self.subTest(check=name, path=path):
                self.write(path, text)
                ran = self.run_check(name)
                self.assertEqual(ran.returncode, 1, f'{path} passed: {text[:80]}')
                self.assertIn(f'{path}:', ran.stdout)
                (self.root / path).unlink()

    def test_layers(self):
        self.finds_each('check_layers', LAYERS)

    def test_style(self):
        self.finds_each('check_style', STYLE)

    def test_sizes(self):
        self.finds_each('sizes', SIZES)

    def test_words(self):
        self.finds_each('check_words', WORDS)

    def test_links(self):
        self.finds_each('check_links', LINKS)

    def test_an_exception_that_is_not_needed_is_refused(self):
        self.write('tools/sizes_exceptions.txt', 'src/store/store.cpp: generated\n')
        self.assertEqual(self.run_check('sizes').returncode, 1)


if __name__ == '__main__':
    sys.exit(unittest.main())
