#!/usr/bin/python3
"""What a connection that has not logged in costs with 16 KiB of a stanza half sent: at most 32 KB of the server."""

import time
import unittest

from fault_play import HEADER, Faults, is_sanitized, memory_kb

CONNECTIONS = 500
HALF = 16000
MOST_KB = 32


@unittest.skipIf(is_sanitized(), "a sanitizer's build has another memory")
class Memory(Faults):
    settings = {'limits.connections_per_address': 0, 'limits.login_seconds': 60}

    @classmethod
    def setUpClass(cls):
        """Each test has a server of its own: what another one gave back would be used again and not be seen."""

    @classmethod
    def tearDownClass(cls):
        """See setUpClass."""

    def setUp(self):
        super().setUpClass()
        self.addCleanup(super().tearDownClass)

    def cost(self, name, data, pieces=1, stays=True):
        """`stays`: the server takes it all and waits for the rest; else it may refuse it."""
        time.sleep(0.3)
        before = memory_kb(self.site)
        held = [self.raw(HEADER) for _ in range(CONNECTIONS)]
        step = -(-len(data) // pieces)
        for start in range(0, len(data), step):
            for connection in held:
                connection.send(data[start:start + step])
        time.sleep(0.8)
        for connection in held if stays else ():
            while connection.read(0):
                pass
            self.assertFalse(connection.over, connection.seen[-200:])
        each = (memory_kb(self.site) - before) / CONNECTIONS
        print(f'{name}: {each:.1f} KB of each of {CONNECTIONS} connections', flush=True)
        self.assertLessEqual(each, MOST_KB)

    def test_a_long_text(self):
        self.cost('a text', '<iq><a>' + 'x' * HALF)

    def test_a_long_text_in_pieces(self):
        self.cost('a text in pieces', '<iq><a>' + 'x' * HALF, 7)

    def test_a_long_tag(self):
        self.cost('a start tag', "<iq a='" + 'x' * HALF, 5)

    def test_as_many_nodes_as_a_login_may_have(self):
        node = '<a ' + ''.join(f"{c}='' " for c in 'abcdefgh') + '/>'
        self.cost('11 elements of 8 attributes', '<iq>' + node * 11 + 'x' * (HALF - 11 * len(node)))

    def test_many_elements(self):
        self.cost('elements', '<iq>' + '<a/>' * 1000 + 'x' * (HALF - 4000), stays=False)

    def test_many_attributes(self):
        node = '<a ' + ''.join(f"{c}='' " for c in 'abcdefghijklmnopqrstuvwxyz') + '/>'
        self.cost('attributes', '<iq>' + node * 120, stays=False)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
