#!/usr/bin/python3
"""MQTT before there is a session, and what is none: silence, halves, bombs, doubled properties, keep alive, packets that
may not be."""

import base64
import ssl
import time
import unittest

from fault_play import HOST, is_sanitized, memory_kb
from mqtt_play import (AUTH, CONNECT, CONTENT_TYPE, DATA, DISCONNECT, EXPIRY, METHOD, PINGREQ, PINGRESP, PUBACK, PUBLISH, RECEIVE_MAXIMUM,
                       SESSION_EXPIRY, SUBSCRIBE, SUBSCRIPTION_ID, V311, V5, WILL_DELAY, Device, MqttFaults, connect,
                       packet, props, publish, subscribe, text, varint)

MALFORMED, PROTOCOL_ERROR, TOO_LARGE, KEEP_ALIVE = 0x81, 0x82, 0x95, 0x8D
WHOLE = connect('desk', 'romeo', 'romeo-secret')
SCRAM = connect('desk', properties=[(METHOD, 'SCRAM-SHA-256'), (DATA, 'n,,n=romeo,r=abcdefgh')])


class Slow(MqttFaults):
    settings = {**MqttFaults.settings, 'limits.login_seconds': 1}

    def test_connections_that_do_not_log_in(self):
        for listener in ('mqtt', 'mqtt_open'):
            starts = [self.connection(listener).send(data) for data in (b'', WHOLE[:1], WHOLE[:2], WHOLE[:-1], SCRAM)]
            dripping = self.connection(listener)
            start = time.monotonic()
            for at in range(len(WHOLE) - 1):
                if dripping.over or time.monotonic() > start + 3:
                    break
                dripping.send(WHOLE[at:at + 1])
                dripping.read(0.1)
            self.assertLess(time.monotonic() - start, 2, 'bytes now and then are no login')
            for one in (dripping, *starts):
                self.assertNotEqual(one.ending(1.5), 'open')

    def test_tls_and_websocket_that_do_not_go_on(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        secured = self.connection('mqtts')
        secured.socket = context.wrap_socket(secured.socket)
        key = base64.b64encode(b'0123456789abcdef').decode()
        upgraded = self.raw('GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                            f'Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n', 'http')
        self.assertIn('101 Switching', upgraded.until('\r\n\r\n'))
        upgraded.send(b'\x82\x81\0\0\0\0' + WHOLE[:1])
        start = time.monotonic()
        for one in (secured, self.connection('mqtts'), self.connection('mqtts').send(b'\x16\x03\x01')):
            self.assertNotEqual(one.ending(12), 'open')
        upgraded.until_closed(3)
        self.assertTrue(upgraded.over, upgraded.seen)
        self.assertLess(time.monotonic() - start, 12)

    def test_keep_alive(self):
        """The network is gone, and nobody says so."""
        for listener in ('mqtt', 'mqtt_open'):
            for version in (V5, V311):
                name = 'romeo' if listener == 'mqtt' else None
                silent = self.device(name, f'silent{version}', listener, version, keep_alive=1)
                start = time.monotonic()
                alive = self.device(name, f'alive{version}', listener, version, keep_alive=1)
                while time.monotonic() < start + 3:
                    alive.send(packet(PINGREQ)).expect(PINGRESP)
                    time.sleep(0.3)
                self.assertEqual(silent.ending(0.1), KEEP_ALIVE if version == V5 else None)
                self.assertFalse(alive.over)

    def test_keep_alive_with_half_a_packet(self):
        half = self.device('romeo', 'half', keep_alive=1)
        half.send(publish('im/u/juliet/msg', 'never', 1, 1)[:9])
        self.assertEqual(half.ending(4), KEEP_ALIVE)


class Bombs(MqttFaults):
    settings = {**MqttFaults.settings, 'limits.connections_per_address': 0}

    def test_declared_lengths(self):
        huge, five = varint((1 << 28) - 1), b'\xff\xff\xff\xff\x01'
        for listener in ('mqtt', 'mqtt_open'):
            for head in (b'\x10' + huge, b'\x10' + five, b'\x10' + varint(20000), b'\x30' + huge, b'\x00' + huge):
                self.assertIn(self.connection(listener).send(head).ending(3), (None, MALFORMED, TOO_LARGE), head)
            for version in (V5, V311):
                for head, reason in ((b'\x32' + huge, TOO_LARGE), (b'\x82' + huge, TOO_LARGE), (b'\x32' + five, MALFORMED)):
                    one = self.device('romeo', 'bomb', listener, version)
                    self.assertEqual(one.send(head).ending(3), reason if version == V5 else None, (listener, version, head))

    @unittest.skipIf(is_sanitized(), "a sanitizer's build has another memory")
    def test_no_room_is_made_for_what_is_only_announced(self):
        held = [self.device(None, f'announcer{n}', 'mqtt_open') for n in range(200)]
        time.sleep(0.3)
        before = memory_kb(self.site)
        for one in held:
            one.send(b'\x30' + varint(1_500_000) + text('a') + b'\0' + b'x' * 100)
        time.sleep(0.5)
        grown = memory_kb(self.site) - before
        print(f'200 x 1.5 MB announced: the server grew by {grown} KB')
        self.assertLess(grown, 8000)
        self.assertTrue(all(one.next(0) is None and not one.over for one in held))

    def test_doubled_properties(self):
        two = {'expiry': (SESSION_EXPIRY, 10), 'maximum': (RECEIVE_MAXIMUM, 10), 'method': (METHOD, 'SCRAM-SHA-256')}
        for what, pair in two.items():
            doubled = connect('desk', 'romeo', 'romeo-secret', properties=[pair, pair])
            self.assertEqual(self.connection().send(doubled).ending(3), PROTOCOL_ERROR, what)
        will = connect('desk', 'romeo', 'romeo-secret', will=('im/u/juliet/msg', 'x', 1, [(WILL_DELAY, 1), (WILL_DELAY, 1)]))
        self.assertEqual(self.connection().send(will).ending(3), PROTOCOL_ERROR)
        kinds = [publish('im/u/juliet/msg', 'x', 1, 1, properties=[pair, pair]) for pair in ((CONTENT_TYPE, 'a'), (EXPIRY, 9))]
        kinds.append(subscribe(1, ['a'], properties=[(SUBSCRIPTION_ID, 1), (SUBSCRIPTION_ID, 1)]))
        kinds.append(packet(DISCONNECT, b'\0' + props((SESSION_EXPIRY, 1), (SESSION_EXPIRY, 1))))
        kinds.append(packet(AUTH, b'\x19' + props((METHOD, 'x'), (METHOD, 'x'))))
        for listener in ('mqtt', 'mqtt_open'):
            for data in kinds:
                one = self.device('romeo', 'doubler', listener, properties=[(SESSION_EXPIRY, 5)])
                self.assertEqual(one.send(data).ending(3), PROTOCOL_ERROR, data)

    def test_packets_that_may_not_be(self):
        self_id = packet(PUBLISH, text('a') + props((SUBSCRIPTION_ID, 1)))
        cases = ((WHOLE, PROTOCOL_ERROR), (packet(CONNECT, b''), None), (self_id, PROTOCOL_ERROR),
                 (packet(PUBLISH, text('a') + b'\0\0\0', 2), None), (packet(PUBLISH, text('a') + b'\0\1\0', 6), MALFORMED),
                 (publish('a/+/b', 'x'), None), (publish('a/#', 'x'), None), (publish('', 'x'), PROTOCOL_ERROR),
                 (publish(b'\xc0\xaf', 'x'), MALFORMED), (publish('a\0b', 'x'), MALFORMED), (publish(b'\xed\xa0\x80', 'x'), MALFORMED),
                 (packet(SUBSCRIBE, b'\0\1\0' + text('a') + b'\3'), None), (packet(SUBSCRIBE, b'\0\1\0' + text('a') + b'\1', 0), MALFORMED),
                 (packet(SUBSCRIBE, b'\0\1\0'), PROTOCOL_ERROR), (packet(SUBSCRIBE, b'\0\0\0' + text('a') + b'\1'), None),
                 (packet(PUBACK, b'\0'), MALFORMED), (packet(PUBACK, b'\0\1\1\0'), None), (b'\x00\x00', MALFORMED),
                 (packet(PINGRESP), PROTOCOL_ERROR), (packet(PINGREQ, b'x'), MALFORMED), (packet(PINGREQ, b'', 1), MALFORMED),
                 (packet(AUTH, b'\x19' + props((METHOD, 'SCRAM-SHA-256'))), PROTOCOL_ERROR))
        for listener in ('mqtt', 'mqtt_open'):
            for data, reason in cases:
                one = self.device('romeo', 'odd', listener)
                said = one.send(data).ending(3)
                self.assertTrue(isinstance(said, int) and said >= 0x80, (data, said))
                if reason is not None:
                    self.assertEqual(said, reason, data)

    def test_what_is_not_mqtt(self):
        for listener in ('mqtt', 'mqtt_open'):
            for data in (b'GET / HTTP/1.1\r\n\r\n', b'<?xml version="1.0"?>' * 9, b'\xff' * 5000, b'\x16\x03\x01\x02\0\1\0\1\xfc\3\3',
                         packet(PINGREQ), publish('im/u/juliet/msg', 'x', 1, 1), packet(CONNECT, text('MQTT') + b'\6\2\0\0\0' + text('a')),
                         packet(CONNECT, text('AMQP') + b'\5\2\0\0\0' + text('a')), packet(CONNECT, text('MQTT') + b'\5\3\0\0\0' + text('a'))):
                self.assertNotEqual(self.connection(listener).send(data).ending(3), 'open', data)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
