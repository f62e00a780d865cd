#!/usr/bin/python3
"""What a connection that has not logged in costs with 16 KiB of a stanza half sent: at most 32 KB of the server."""

import time
import unittest

from fault_play import HEADER, Faults, memory_kb

CONNECTIONS = 500
HALF = 16000
MOST_KB = 32


class Memory(Faults):
    settings = {'limits.connections_per_address': 0, 'limits.login_seconds': 60}

    def cost(self, name, data, pieces=1):
        time.sleep(0.3)
        before = memory_kb(self.site)
        held = [self.raw(HEADER) for _ in range(CONNECTIONS)]
        step = -(-len(data) // pieces)
        for start in range(0, len(data), step):
            for connection in held:
                connection.send(data[start:start + step])
        time.sleep(0.8)
        self.assertFalse([c for c in held if c.read(0) and b'error' in c.seen], 'they are still there')
        each = (memory_kb(self.site) - before) / CONNECTIONS
        print(f'{name}: {each:.1f} KB of each of {CONNECTIONS} connections', flush=True)
        self.assertLessEqual(each, MOST_KB)

    def test_a_long_text(self):
        self.cost('a text', '<iq><a>' + 'x' * HALF)

    def test_a_long_text_in_pieces(self):
        self.cost('a text in pieces', '<iq><a>' + 'x' * HALF, 7)

    def test_a_long_tag(self):
        self.cost('a start tag', "<iq a='" + 'x' * HALF, 5)

    def test_many_elements(self):
        self.cost('elements', '<iq>' + '<a/>' * 1000 + 'x' * (HALF - 4000))

    def test_many_attributes(self):
        self.cost('attributes', '<iq>' + ('<a ' + ''.join(f"{c}='' " for c in 'abcdefghijklmnopqrstuvwxyz') + '/>') * 120)


if __name__ == '__main__':
    unittest.main(verbosity=2)
