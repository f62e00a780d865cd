"""MQTT for the fault tests: packets made by hand, right or wrong, a device on a bare socket, neighbours on this wire too."""

import json
import select
import socket
import struct
import time
from collections import namedtuple

from fault_play import HOST, Closed, Faults, register  # noqa: F401

V5, V311 = 5, 4
CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, \
    DISCONNECT, AUTH = range(1, 16)
# Properties (MQTT 5 §2.2.2.2).
EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION, SUBSCRIPTION_ID, SESSION_EXPIRY, METHOD, DATA, WILL_DELAY, \
    RECEIVE_MAXIMUM, USER, MAXIMUM_PACKET = 2, 3, 8, 9, 11, 17, 21, 22, 24, 33, 38, 39
SIZES = {1: 1, 2: 4, 17: 4, 19: 2, 23: 1, 24: 4, 25: 1, 33: 2, 34: 2, 35: 2, 36: 1, 37: 1, 39: 4, 40: 1, 41: 1, 42: 1}

Packet = namedtuple('Packet', 'kind flags body')
Message = namedtuple('Message', 'topic payload qos id dup retain properties')


def varint(number):
    out = b''
    while True:
        number, byte = number >> 7, number & 127
        out += bytes([byte | 128 * (number > 0)])
        if number == 0:
            return out


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack('!H', len(value)) + value


def prop(identifier, value):
    """One property."""
    if identifier == USER:
        return bytes([identifier]) + text(value[0]) + text(value[1])
    if identifier == SUBSCRIPTION_ID:
        return bytes([identifier]) + varint(value)
    if identifier in SIZES:
        return bytes([identifier]) + value.to_bytes(SIZES[identifier], 'big')
    return bytes([identifier]) + text(value)


def props(*pairs):
    """[(identifier, value)] with their length before them."""
    body = b''.join(prop(*pair) for pair in pairs)
    return varint(len(body)) + body


def packet(kind, body=b'', flags=None):
    flags = (2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0) if flags is None else flags
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


def connect(client_id, name=None, password=None, version=V5, clean=True, keep_alive=0, properties=(), will=None):
    """`will`: (topic, payload, QoS, properties)."""
    flags = 2 * clean | 0x80 * (name is not None) | 0x40 * (password is not None)
    body = text(client_id)
    if will:
        topic, payload, qos, of_will = will
        flags |= 4 | qos << 3
        body += (props(*of_will) if version == V5 else b'') + text(topic) + text(payload)
    for value in (name, password):
        body += text(value) if value is not None else b''
    head = text('MQTT') + bytes([version, flags]) + struct.pack('!H', keep_alive)
    return packet(CONNECT, head + (props(*properties) if version == V5 else b'') + body)


def publish(topic, payload, qos=0, identifier=0, dup=False, retain=False, properties=(), version=V5):
    payload = json.dumps(payload) if isinstance(payload, dict) else payload
    payload = payload.encode() if isinstance(payload, str) else payload
    return packet(PUBLISH, text(topic) + (struct.pack('!H', identifier) if qos else b'')
                  + (props(*properties) if version == V5 else b'') + payload, 8 * dup | qos << 1 | retain)


def subscribe(identifier, filters, qos=1, properties=(), version=V5):
    return packet(SUBSCRIBE, struct.pack('!H', identifier) + (props(*properties) if version == V5 else b'')
                  + b''.join(text(each) + bytes([qos]) for each in filters))


def ack(kind, identifier, reason=0):
    return packet(kind, struct.pack('!H', identifier) + (bytes([reason]) if reason else b''))


def read_varint(data, at=0):
    """(the number, where it ends); None: not all of it is there."""
    number = 0
    for place in range(4):
        if at + place >= len(data):
            return None
        number |= (data[at + place] & 127) << 7 * place
        if data[at + place] < 128:
            return number, at + place + 1
    raise ValueError('a length of five bytes')


def read_properties(data, at):
    """({identifier: [values]}, where they end)."""
    length, at = read_varint(data, at)
    end, found = at + length, {}
    while at < end:
        identifier, at = data[at], at + 1
        if identifier == SUBSCRIPTION_ID:
            value, at = read_varint(data, at)
        elif identifier in SIZES:
            value, at = int.from_bytes(data[at:at + SIZES[identifier]], 'big'), at + SIZES[identifier]
        else:
            texts = []
            for _ in range(2 if identifier == USER else 1):
                size = int.from_bytes(data[at:at + 2], 'big')
                texts.append(data[at + 2:at + 2 + size])
                at += 2 + size
            value = tuple(texts) if identifier == USER else texts[0]
        found.setdefault(identifier, []).append(value)
    return found, end


def read_message(one, version):
    size = int.from_bytes(one.body[:2], 'big')
    topic, at, identifier = one.body[2:2 + size].decode(), 2 + size, 0
    qos = one.flags >> 1 & 3
    if qos:
        identifier, at = int.from_bytes(one.body[at:at + 2], 'big'), at + 2
    found = {}
    if version == V5:
        found, at = read_properties(one.body, at)
    return Message(topic, one.body[at:], qos, identifier, bool(one.flags & 8), bool(one.flags & 1), found)


class Device:
    """One connection. What comes is read as packets; messages are acknowledged where `acks`."""

    def __init__(self, port, version=V5, small=False):
        self.socket = socket.socket()
        self.socket.settimeout(10)
        if small:  # for one who is going to stop reading
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.version, self.data, self.over = version, b'', False
        self.acks, self.messages, self.last = True, [], 0

    def close(self):
        self.socket.close()

    def cut(self):
        """A reset, not an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.over = True
        return self

    def read(self, seconds):
        """Takes in what comes within `seconds`; False: nothing did."""
        if self.over or not select.select([self.socket], [], [], max(seconds, 0))[0]:
            return False
        try:
            piece = self.socket.recv(1 << 20)
        except OSError:
            piece = b''
        self.data += piece
        self.over = not piece
        return bool(piece)

    def take(self):
        """The next whole packet of what was read, or None."""
        length = read_varint(self.data, 1)
        if length is None or len(self.data) < length[1] + length[0]:
            return None
        end = length[1] + length[0]
        one = Packet(self.data[0] >> 4, self.data[0] & 15, self.data[length[1]:end])
        self.data = self.data[end:]
        if one.kind == PUBLISH:
            message = read_message(one, self.version)
            self.messages.append(message)
            if self.acks and message.qos:
                self.send(ack(PUBACK if message.qos == 1 else PUBREC, message.id))
        elif one.kind == PUBREL and self.acks:
            self.send(ack(PUBCOMP, int.from_bytes(one.body[:2], 'big')))
        return one

    def next(self, seconds=10):
        """The next packet, or None when none comes within `seconds` or the connection ends."""
        end = time.monotonic() + seconds
        while (one := self.take()) is None:
            left = end - time.monotonic()
            if self.over or left <= 0 and seconds > 0 or not self.read(left):
                return None
        return one

    def expect(self, kind, seconds=10):
        """The next packet of this kind; those before it are passed over."""
        end = time.monotonic() + seconds
        while (one := self.next(end - time.monotonic())) is not None:
            if one.kind == kind:
                return one
        raise Closed(f'no packet {kind} within {seconds} s; {"ended" if self.over else "open"}')

    def login(self, name=None, client_id='desk', password=None, **how):
        """CONNACK's (session present, code)."""
        password = password or (f'{name}-secret' if name else None)
        self.send(connect(client_id, name, password, self.version, **how))
        body = self.expect(CONNACK).body
        return bool(body[0]), body[1]

    def until(self, condition, what, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.next(max(end - time.monotonic(), 0.01)) is None and self.over:
                topics = [(m.topic, m.payload[:100]) for m in self.messages[-10:]]
                raise Closed(f'no {what} within {seconds} s; {"ended" if self.over else "open"}; last {topics}')
        return self

    def objects(self, ending, **members):
        """What came on topics that end so, and has these members."""
        found = [json.loads(m.payload) for m in self.messages if m.topic.endswith(ending)]
        return [one for one in found if all(one.get(k) == v for k, v in members.items())]

    def synced(self):
        return self.until(lambda: self.objects('/sync', st='end'), 'end of what was missed')

    def settle(self, seconds=0.4):
        """Time in which something wrong might still arrive."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.next(end - time.monotonic()) is None and self.over:
                break
        return self

    def say(self, topic, payload, qos=1, **how):
        """The acknowledgement's reason (of QoS 2: PUBREC's, and the exchange is ended)."""
        self.last = self.last % 65535 + 1
        self.send(publish(topic, payload, qos, self.last, version=self.version, **how))
        reason = self.reason(self.expect(PUBACK if qos == 1 else PUBREC))
        if qos == 2 and reason < 0x80:
            self.send(ack(PUBREL, self.last))
            self.expect(PUBCOMP)
        return reason

    def ask(self, filters, **how):
        """SUBACK's codes."""
        self.last = self.last % 65535 + 1
        self.send(subscribe(self.last, filters, version=self.version, **how))
        body = self.expect(SUBACK).body
        return list(body[read_properties(body, 2)[1] if self.version == V5 else 2:])

    def call(self, method, **params):
        """A request's answer, on `res`."""
        self.last = self.last % 65535 + 1
        rid = f'{method}-{self.last}'
        self.send(publish(f'im/req/{method}', {**params, 'rid': rid}, 1, self.last, version=self.version))
        self.until(lambda: self.objects('/res', rid=rid), f'answer to {method}')
        return self.objects('/res', rid=rid)[0]

    @staticmethod
    def reason(one):
        return one.body[2] if len(one.body) > 2 else 0

    def ending(self, seconds=10):
        """How it ends: DISCONNECT's or CONNACK's reason, None where nothing is said; "open" where it does not."""
        said, end = None, time.monotonic() + seconds
        while not self.over and time.monotonic() < end:
            one = self.next(max(end - time.monotonic(), 0.01))
            if one is not None and one.kind == DISCONNECT:
                said = one.body[0] if one.body else 0
            elif one is not None and one.kind == CONNACK:
                said = one.body[1]
        return said if self.over else 'open'


class MqttFaults(Faults):
    """One of the neighbours has a device on this wire, too."""
    settings = {'limits.messages_per_second': 0, 'policy.presence_grace_seconds': 0, 'mqtt_open.anonymous': True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tablet = Device(cls.site.port('mqtt'))
        assert cls.tablet.login('peter', 'tablet') == (False, 0)
        cls.tablet.synced()

    @classmethod
    def tearDownClass(cls):
        cls.tablet.close()
        super().tearDownClass()

    def neighbours_talk(self):
        super().neighbours_talk()
        self.tablet.until(lambda: self.tablet.objects('im/u/peter/msg', body=f'line {self.lines}'), 'what a neighbour wrote')
        self.tablet.messages.clear()

    def device(self, name=None, client_id='desk', listener='mqtt', version=V5, small=False, synced=True, **how):
        """Logged in, on a listener of people up to the end of what was missed."""
        one = self.connection(listener, version, small)
        _, code = one.login(name, client_id, **how)
        self.assertEqual(code, 0)
        return one.synced() if listener == 'mqtt' and synced else one

    def connection(self, listener='mqtt', version=V5, small=False):
        one = Device(self.site.port(listener), version, small)
        self.opened.append(one)
        return one
