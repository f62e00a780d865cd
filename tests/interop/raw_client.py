"""A minimal XMPP client on a socket, of the standard library alone: what a test says is what goes over the wire."""

import base64
import select
import socket
import time
import xml.etree.ElementTree as ElementTree

CLIENT = '{jabber:client}'
STREAM = '{http://etherx.jabber.org/streams}'
SASL = '{urn:ietf:params:xml:ns:xmpp-sasl}'
SM = '{urn:xmpp:sm:3}'
BIND = '{urn:ietf:params:xml:ns:xmpp-bind}'
STANZAS = (CLIENT + 'message', CLIENT + 'presence', CLIENT + 'iq')
HOST = '127.0.0.1'
DOMAIN = 'localhost'


class Closed(ConnectionError):
    """The stream is gone, or the server refused what the client needs."""


class RawClient:
    """One connection. Counts stanzas for stream management both ways; reads elements one at a time."""

    def __init__(self, port, timeout=10):
        try:
            self.socket = socket.create_connection((HOST, port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as failure:
            raise Closed(str(failure)) from None
        self.timeout = timeout
        self.elements = []
        self.received = 0  # stanzas since stream management was enabled
        self.counting = False
        self.open_stream()

    def close(self):
        self.socket.close()

    def send(self, text):
        try:
            self.socket.sendall(text.encode())
        except OSError as failure:
            raise Closed(str(failure)) from None

    def open_stream(self):
        self.parser = ElementTree.XMLPullParser(('start', 'end'))
        self.depth = 0
        self.send(f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' "
                  f"xmlns:stream='http://etherx.jabber.org/streams'>")
        self.features = self.expect(STREAM + 'features')

    def read_socket(self, seconds):
        """Takes in what arrives within `seconds`; False: nothing did."""
        try:
            if not select.select([self.socket], [], [], seconds)[0]:
                return False
            piece = self.socket.recv(65536)
            if not piece:
                raise Closed('end of stream')
            self.parser.feed(piece)
            self.take_events()
            return True
        except (OSError, ValueError, ElementTree.ParseError) as failure:
            raise Closed(str(failure)) from None

    def take_events(self):
        for event, element in self.parser.read_events():
            self.depth += 1 if event == 'start' else -1
            if event == 'end' and self.depth == 1:
                self.elements.append(element)
                self.received += self.counting and element.tag in STANZAS

    def next(self, seconds):
        """The next element of the stream, or None when none comes within `seconds`."""
        until = time.monotonic() + seconds
        while not self.elements:
            left = until - time.monotonic()
            if left <= 0 and seconds > 0 or not self.read_socket(max(left, 0)):
                return None
        return self.elements.pop(0)

    def expect(self, *tags):
        """The next element with one of `tags`; others before it are dropped."""
        until = time.monotonic() + self.timeout
        while time.monotonic() < until:
            element = self.next(max(until - time.monotonic(), 0.01))
            if element is not None and element.tag in tags:
                return element
            if element is not None and element.tag == STREAM + 'error':
                raise Closed(ElementTree.tostring(element).decode())
        raise Closed(f'no {tags} within {self.timeout} s')

    def request(self, kind, payload, to=None, identifier='q'):
        to = f" to='{to}'" if to else ''
        self.send(f"<iq type='{kind}' id='{identifier}'{to}>{payload}</iq>")
        while True:
            answer = self.expect(CLIENT + 'iq')
            if answer.get('id') == identifier:
                return answer

    def authenticate(self, name, password):
        token = base64.b64encode(f'\0{name}\0{password}'.encode()).decode()
        self.send(f"<auth xmlns='{SASL[1:-1]}' mechanism='PLAIN'>{token}</auth>")
        if self.expect(SASL + 'success', SASL + 'failure').tag != SASL + 'success':
            raise Closed(f'{name} may not log in')
        self.open_stream()

    def login(self, name, password, resource):
        self.authenticate(name, password)
        answer = self.request('set', f"<bind xmlns='{BIND[1:-1]}'><resource>{resource}</resource></bind>")
        if answer.get('type') != 'result':
            raise Closed(f'{name} cannot bind {resource}')

    def enable_acks(self, resume=False):
        """XEP-0198 §3."""
        self.send(f"<enable xmlns='{SM[1:-1]}'{' resume=' + chr(39) + 'true' + chr(39) if resume else ''}/>")
        enabled = self.expect(SM + 'enabled', SM + 'failed')
        if enabled.tag != SM + 'enabled':
            raise Closed('stream management is refused')
        self.received = 0
        self.counting = True
        # What came in the same piece of bytes after <enabled/> counts.
        self.received += sum(element.tag in STANZAS for element in self.elements)
        return enabled

    def acknowledge(self):
        self.send(f"<a xmlns='{SM[1:-1]}' h='{self.received - sum(e.tag in STANZAS for e in self.elements)}'/>")

    def ask_for_ack(self):
        self.send(f"<r xmlns='{SM[1:-1]}'/>")


def register(port, name, password):
    """XEP-0077 §3.1: an account of its own making."""
    client = RawClient(port)
    answer = client.request('set', f"<query xmlns='jabber:iq:register'><username>{name}</username>"
                                   f"<password>{password}</password></query>")
    client.close()
    if answer.get('type') != 'result':
        raise RuntimeError(f'{name} is not registered: {ElementTree.tostring(answer).decode()}')
