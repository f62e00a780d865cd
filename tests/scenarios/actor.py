"""Somebody's device in a screenplay: a raw connection, what came and was not looked at yet, stream management."""

import socket
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'interop'))

from pattern import show  # noqa: E402
from raw_client import CLIENT, DOMAIN, SM, STANZAS, STREAM, Closed, RawClient  # noqa: E402

WAIT_SECONDS = 5


class Actor:
    """NAME/RESOURCE. `inbox` holds what arrived, in order, but for the questions and answers of stream management."""

    def __init__(self, site, name, resource):
        self.site, self.name, self.resource = site, name, resource
        self.password = f'{name}-secret'
        self.client = None
        self.inbox = []
        self.token = None       # of stream management, where the stream can be resumed
        self.sent = 0           # stanzas since it was enabled
        self.acknowledged = 0   # of them, by the server
        self.answers = True     # whether the server's questions are answered
        self.ended = None       # how the stream ended

    @property
    def address(self):
        return f'{self.name}@{DOMAIN}/{self.resource}'

    def connect(self):
        self.client = RawClient(self.site.port('xmpp'))
        self.client.login(self.name, self.password, self.resource)
        self.token, self.ended, self.answers = None, None, True
        self.sent = self.acknowledged = 0
        self.inbox = []

    def enable(self, resume):
        self.token = self.client.enable_acks(resume).get('id')

    def resume(self):
        """True: the old stream goes on. False: there is none any more, and a new one has begun."""
        received = self.client.received
        self.client = RawClient(self.site.port('xmpp'))
        self.client.authenticate(self.name, self.password)
        self.client.send(f"<resume xmlns='{SM[1:-1]}' previd='{self.token}' h='{received}'/>")
        answer = self.client.expect(SM + 'resumed', SM + 'failed')
        self.ended, self.answers = None, True
        if answer.tag != SM + 'resumed':
            return False
        self.acknowledged = int(answer.get('h'))
        elements = self.client.elements
        self.client.counting = True
        self.client.received = received + sum(element.tag in STANZAS for element in elements)
        return True

    def send(self, text, stanzas=1):
        self.client.send(text)
        self.sent += stanzas * self.client.counting

    def cut(self):
        """The line breaks: a reset, not an end."""
        self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.client.close()
        self.ended = 'cut'

    def log_out(self):
        self.send('</stream:stream>', 0)
        self.until(lambda: self.ended, 'the stream did not end')
        self.close()

    def close(self):
        if self.client is not None:
            self.client.close()

    def take(self, element):
        if element.tag == SM + 'r':
            if self.answers:
                self.client.acknowledge()
        elif element.tag == SM + 'a':
            self.acknowledged = int(element.get('h'))
        else:
            self.inbox.append(element)

    def listen(self, seconds):
        """Takes in what has arrived; waits up to `seconds` for something."""
        if self.ended:
            return
        try:
            element = self.client.next(seconds)
            while element is not None:
                self.take(element)
                element = self.client.next(0)
        except Closed as end:
            self.ended = str(end)

    def until(self, condition, what, seconds=WAIT_SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or (self.ended and not condition()):
                seen = '\n    '.join(show(element) for element in self.inbox) or 'nothing'
                raise AssertionError(f'{self.address}: {what} within {seconds} s; stream: {self.ended or "open"}; '
                                     f'not looked at yet:\n    {seen}')
            self.listen(min(left, 0.5))

    def next_of(self, tag):
        """The first thing of this kind (message, presence, iq, …) that was not looked at yet."""
        return self.pick(lambda element: element.tag == tag, tag)

    def pick(self, wanted, what):
        self.until(lambda: any(wanted(element) for element in self.inbox), f'no {what}')
        at = next(at for at, element in enumerate(self.inbox) if wanted(element))
        return self.inbox.pop(at)

    def is_online(self):
        """Initial presence; the server's own copy of it says that it has been taken (RFC 6121 §4.2.2)."""
        self.send('<presence/>')

        self.pick(lambda e: e.tag == CLIENT + 'presence' and e.get('from') == self.address, 'its own presence')

    def settle(self):
        """Everything that this device has sent so far has been read by the server."""
        identifier = f'settle-{time.monotonic_ns()}'
        self.send(f"<iq type='get' id='{identifier}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>")

        self.pick(lambda e: e.tag == CLIENT + 'iq' and e.get('id') == identifier, 'an answer to a ping')

    def all_acknowledged(self, count=None):
        wanted = self.sent if count is None else count
        self.client.ask_for_ack()
        self.until(lambda: self.acknowledged >= wanted, f'{self.acknowledged} of {wanted} stanzas acknowledged')
        if self.acknowledged != wanted:
            raise AssertionError(f'{self.address}: {self.acknowledged} stanzas acknowledged, not {wanted}')

    def end_with(self, condition):
        """The stream ends; with `condition` as its error, or without one where that is None."""
        self.until(lambda: self.ended, 'the stream did not end')
        errors = [child.tag.rpartition('}')[2] for element in self.inbox if element.tag == STREAM + 'error'
                  for child in element]
        if ([condition] if condition else []) != errors[:1]:
            raise AssertionError(f'{self.address}: the stream ended with {errors or "no error"}, not {condition}')
