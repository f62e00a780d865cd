#!/usr/bin/python3
"""The HTTP listener: operators' pages, garbage, and requests that two readers could read differently (RFC 9112)."""

import unittest

from fault_play import Faults, get, metric

END = '\r\nHost: localhost\r\n\r\n'


class Http(Faults):
    settings = {'limits.login_seconds': 1}

    def test_pages(self):
        self.assertEqual(get(self.site, '/healthz'), (200, 'ok\n'))
        self.assertEqual(get(self.site, '/readyz')[0], 200)
        self.assertIn('"confab"', get(self.site, '/version')[1])
        status, body = get(self.site, '/metrics')
        self.assertEqual(status, 200)
        self.assertTrue(body.endswith('# EOF\n'), body[-50:])
        self.assertGreaterEqual(metric(self.site, 'confab_connections'), 2)
        for path in ('/', '/nothing', '/metrics/', '//metrics', '/../../etc/passwd', '/%2e%2e/etc/passwd', '/healthz%00'):
            self.assertEqual(get(self.site, path)[0], 404, path)

    def status(self, data):
        connection = self.raw(data, 'http')
        seen = connection.until_closed(3)
        self.assertTrue(connection.over, f'still open: {seen[:200]}')
        self.assertEqual(seen.count('HTTP/1.1 '), 1, seen)
        return seen.split(' ')[1]

    def test_garbage(self):
        for data, status in (('\0\0\0\0\r\n\r\n', '400'), ('<stream:stream>\r\n\r\n', '400'), ('GET\r\n\r\n', '400'),
                             ('GET / HTTP/1.1\r\n\r\n', '400'), ('GET  / HTTP/1.1' + END, '400'),
                             ('GET / HTTP/1.1\n\n', '400'), ('GET / HTTP/2.0' + END, '505'), ('GET / FTP/1.1' + END, '400'),
                             ('GET /' + 'a' * 20000 + ' HTTP/1.1' + END, '431'),
                             ('GET / HTTP/1.1' + '\r\nA: b' * 5000 + END, '431'),
                             (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n', '400'),
                             ('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505')):
            with self.subTest(str(data)[:40]):
                self.assertEqual(self.status(data), status)

    def test_smuggling(self):
        inner = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'
        for fields in ('Content-Length: 5\r\nTransfer-Encoding: chunked', 'Content-Length: 0\r\nContent-Length: 44',
                       'Content-Length: 44\r\nContent-Length: 44', 'Transfer-Encoding : chunked',
                       'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', 'Content-Length: +5', 'Content-Length: 0x5',
                       'Content-Length: -1', 'Content-Length: 99999999999999999999', 'Host: other', 'A: b\r\n folded: c',
                       'A: b\nContent-Length: 44', 'A: b\rContent-Length: 44', 'A\0: b', 'A: b\0c'):
            with self.subTest(fields):
                self.assertEqual(self.status(f'GET /healthz HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n{inner}'), '400')
        for fields in ('Transfer-Encoding: chunked', 'Transfer-Encoding: xchunked'):
            with self.subTest(fields):
                self.assertEqual(self.status(f'GET /healthz HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n{inner}'), '400')
        # A body is a body, whatever stands in it.
        seen = self.raw(f'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(inner)}\r\n\r\n{inner}',
                        'http').until_closed(3)
        self.assertTrue(seen.startswith('HTTP/1.1 200 OK\r\n'), seen)
        self.assertEqual(seen.count('HTTP/1.1 '), 1)

    def test_other_methods(self):
        for method in ('POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'):
            seen = self.raw(f'{method} /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 'http').until_closed(3)
            self.assertTrue(seen.startswith('HTTP/1.1 405'), seen)
        seen = self.raw('HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 'http').until_closed(3)
        self.assertTrue(seen.endswith('\r\n\r\n'), seen)

    def test_pipelines(self):
        one = 'GET /healthz HTTP/1.1' + END
        connection = self.raw(one * 10, 'http')
        while connection.seen.count(b'200 OK') < 10 and connection.read(3):
            pass
        self.assertEqual(connection.seen.count(b'200 OK'), 10)
        self.assertIn('429', self.raw(one * 200, 'http').until_closed(3))

    def test_a_slow_head(self):
        connection = self.raw('GET / HTTP/1.1\r\n', 'http')
        for _ in range(12):
            connection.send('A: b\r\n')
            connection.read(0.2)
        self.assertIn('408', connection.until_closed(2))
        self.assertTrue(connection.over)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
