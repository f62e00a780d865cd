"""What the fault tests share: a server of the test's own, two neighbours who must go on talking, raw bytes."""

import http.client
import mmap
import select
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'interop'))

from dev_site import CONFABD, HOST, Site, wait_for_line  # noqa: E402,F401
from raw_client import CLIENT, DOMAIN, SASL, SM, STREAM, Closed, RawClient, register  # noqa: E402,F401

HEADER = ("<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams'>")
SID = '{urn:xmpp:sid:0}'
STANZA_ERROR = '{urn:ietf:params:xml:ns:xmpp-stanzas}'


class Raw:
    """A connection of bytes."""

    def __init__(self, port, data=b''):
        self.socket = socket.create_connection((HOST, port), 10)
        self.seen = b''
        self.over = False
        if data:
            self.send(data)

    def send(self, data):
        try:
            self.socket.sendall(data.encode() if isinstance(data, str) else data)
        except OSError:
            self.over = True
        return self

    def read(self, seconds):
        """Takes in what comes within `seconds`; False: nothing did."""
        if self.over or not select.select([self.socket], [], [], max(seconds, 0))[0]:
            return False
        try:
            piece = self.socket.recv(65536)
        except OSError:
            piece = b''
        self.seen += piece
        self.over = not piece
        return bool(piece)

    def until(self, text, seconds=10):
        """Everything so far, once `text` is among it; else as it is after the end, or after `seconds`."""
        end = time.monotonic() + seconds
        while text.encode() not in self.seen and not self.over and time.monotonic() < end:
            self.read(end - time.monotonic())
        return self.seen.decode(errors='replace')

    def until_closed(self, seconds=10):
        end = time.monotonic() + seconds
        while not self.over and time.monotonic() < end:
            self.read(end - time.monotonic())
        return self.seen.decode(errors='replace')

    def close(self):
        self.socket.close()


def open_client(site, name, resource='desk', presence=True, acks=False):
    client = RawClient(site.port('xmpp'))
    client.login(name, f'{name}-secret', resource)
    if acks:
        client.enable_acks()
    if presence:
        client.send('<presence/>')
        client.expect(CLIENT + 'presence')
    return client


def memory_kb(site):
    """The server's resident memory."""
    for line in Path(f'/proc/{site.process.pid}/status').read_text().splitlines():
        if line.startswith('VmRSS:'):
            return int(line.split()[1])
    raise RuntimeError('no VmRSS')


def is_sanitized():
    """Whether the program under test carries a sanitizer, whose memory says nothing about the server's."""
    with open(CONFABD, 'rb') as program, mmap.mmap(program.fileno(), 0, access=mmap.ACCESS_READ) as image:
        return image.find(b'__asan_init') >= 0 or image.find(b'__tsan_init') >= 0


def get(site, path):
    connection = http.client.HTTPConnection(HOST, site.port('http'), timeout=10)
    connection.request('GET', path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def metric(site, name):
    """The sum of a metric's samples."""
    lines = [line for line in get(site, '/metrics')[1].splitlines() if line.startswith(name) and line[len(name)] in ' {_']
    if not lines:
        raise AssertionError(f'no metric {name}')
    return sum(float(line.rsplit(' ', 1)[1]) for line in lines)


class Faults(unittest.TestCase):
    """After every test two neighbours, logged in since before it, still write to each other."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.site = Site(settings=cls.settings).start()
        for name in ('nurse', 'peter', 'romeo', 'juliet'):
            register(cls.site.port('xmpp'), name, f'{name}-secret')
        cls.neighbours = [open_client(cls.site, name) for name in ('nurse', 'peter')]
        cls.lines = 0
        cls.opened = []

    @classmethod
    def tearDownClass(cls):
        for client in cls.neighbours:
            client.close()
        cls.site.close()

    def tearDown(self):
        for connection in self.opened:
            connection.close()
        self.opened.clear()
        self.neighbours_talk()

    def neighbours_talk(self):
        nurse, peter = self.neighbours
        type(self).lines += 1
        text = f'line {self.lines}'
        nurse.send(f"<message to='peter@localhost' type='chat' id='n{self.lines}'><body>{text}</body></message>")
        came = peter.expect(CLIENT + 'message')
        self.assertEqual(came.findtext(CLIENT + 'body'), text, 'what a neighbour wrote')

    def raw(self, data='', listener='xmpp'):
        connection = Raw(self.site.port(listener), data.encode() if isinstance(data, str) else data)
        self.opened.append(connection)
        return connection

    def client(self, name, **how):
        client = open_client(self.site, name, **how)
        self.opened.append(client)
        return client

    def assert_ends(self, connection, condition, seconds=10):
        """A stream error, the end of the stream, and of the connection."""
        seen = connection.until_closed(seconds)
        self.assertTrue(connection.over, f'still open: {seen[-300:]}')
        self.assertIn(f'<{condition} xmlns=', seen[-1000:])
        self.assertTrue(seen.endswith('</stream:stream>'), seen[-200:])
