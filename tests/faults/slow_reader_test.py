#!/usr/bin/python3
"""A client that stops reading, and clients that never stop writing: bounded memory, nothing lost, nothing twice."""

import socket
import time
import unittest

from fault_play import CLIENT, SID, Faults, RawClient, is_sanitized, memory_kb, metric, open_client, register

BODY = 'x' * 20000
COUNT = 400  # 8 MB
QUEUE = 262144


class SlowReader(Faults):
    settings = {'limits.queue_bytes': QUEUE, 'limits.messages_per_second': 0, 'policy.presence_grace_seconds': 0}


    def flood(self, to, count, name):
        sender = self.client('romeo', acks=True)
        for number in range(count):
            sender.send(f"<message to='{to}' type='chat' id='{name}{number}'><body>{BODY}</body></message>")
        answer = sender.request('get', "<ping xmlns='urn:xmpp:ping'/>", 'localhost', 'flood')
        self.assertEqual(answer.get('type'), 'result')
        return sender

    def stop_reading(self, acks):
        client = RawClient(self.site.port('xmpp'))
        self.opened.append(client)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.login('juliet', 'juliet-secret', 'desk')
        if acks:
            client.enable_acks()
        client.send('<presence/>')
        client.expect(CLIENT + 'presence')
        return client

    def play(self, acks):
        slow = self.stop_reading(acks)
        closed = metric(self.site, 'confab_connections_closed')
        before = memory_kb(self.site)
        self.flood('juliet@localhost', COUNT, f'acks-{acks}-')
        time.sleep(0.5)
        grown = memory_kb(self.site) - before
        self.neighbours_talk()
        print(f'{COUNT * len(BODY) >> 10} KB for somebody who reads nothing: the server grew by {grown} KB')
        self.assertLess(grown, 40000 * (10 if is_sanitized() else 1))
        self.assertGreaterEqual(metric(self.site, 'confab_connections_closed'), closed)
        slow.close()
        time.sleep(0.2)
        reader = open_client(self.site, 'juliet', acks=True, presence=False)
        self.opened.append(reader)
        reader.send('<presence/>')
        seen = []
        end = time.monotonic() + 30
        while len(seen) < COUNT and time.monotonic() < end:
            element = reader.next(1.5)
            if element is None:
                break
            if element.tag.endswith('}r'):
                reader.acknowledge()
            elif element.tag == CLIENT + 'message':
                seen.append((element.get('id'), element.find(f'{SID}stanza-id').get('id')))
        return seen, reader

    def assert_all_once(self, seen, reader, acks):
        ids = [name for name, _ in seen]
        self.assertEqual(len(set(stanza for _, stanza in seen)), len(seen), 'one stanza-id twice')
        self.assertEqual(ids, [f'acks-{acks}-{n}' for n in range(COUNT - len(ids), COUNT)], 'a gap, or out of order')
        self.assertIsNone(next((e for e in iter(lambda: reader.next(0.3), None) if e.tag == CLIENT + 'message'), None))
        reader.acknowledge()
        reader.send('</stream:stream>')

    def test_with_acknowledgements(self):
        seen, reader = self.play(True)
        self.assertEqual(len(seen), COUNT)
        self.assert_all_once(seen, reader, True)

    def test_without_acknowledgements(self):
        """What the kernel had taken counts as delivered; the rest waits."""
        seen, reader = self.play(False)
        self.assertGreater(len(seen), COUNT // 4)
        self.assert_all_once(seen, reader, False)

    def test_whoever_asks_and_does_not_read(self):
        """Answers that nobody takes: the client is not read any further."""
        client = RawClient(self.site.port('xmpp'))
        self.opened.append(client)
        client.login('juliet', 'juliet-secret', 'asker')
        before = memory_kb(self.site)
        ask = "<iq type='get' id='{}' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        piece = ''.join(ask.format(n) for n in range(100)).encode()
        client.socket.setblocking(False)
        sent = 0
        end = time.monotonic() + 2
        while time.monotonic() < end:
            try:
                sent += client.socket.send(piece)
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break
        grown = memory_kb(self.site) - before
        print(f'{sent >> 10} KB of requests sent by somebody who reads no answer: the server grew by {grown} KB')
        self.assertLess(grown, 20000 * (10 if is_sanitized() else 1))


    @unittest.expectedFailure
    def test_a_reader_that_keeps_up(self):
        """Somebody else's burst, larger than queue_bytes, is no fault of a client that reads and acknowledges at once."""
        register(self.site.port('xmpp'), 'benvolio', 'benvolio-secret')
        reader = self.client('benvolio', acks=True)
        sender = self.client('romeo')
        for number in range(60):
            sender.send(f"<message to='benvolio@localhost' type='chat' id='k{number}'><body>{BODY}</body></message>")
        came = []
        while len(came) < 60:
            element = reader.expect(CLIENT + 'message', '{urn:xmpp:sm:3}r')
            if element.tag == CLIENT + 'message':
                came.append(element.get('id'))
            else:
                reader.acknowledge()
        self.assertEqual(came, [f'k{n}' for n in range(60)])


class Rate(Faults):
    settings = {'limits.messages_per_second': 20}

    def test_a_flood_is_slowed_down_not_lost(self):
        """Ten seconds' worth at once, then 20 a second."""
        juliet = self.client('juliet')
        romeo = self.client('romeo', acks=True)
        start = time.monotonic()
        for number in range(250):
            romeo.send(f"<message to='juliet@localhost' type='chat' id='m{number}'><body>{number}</body></message>")
        came = [juliet.expect(CLIENT + 'message').get('id') for _ in range(150)]
        self.assertLess(time.monotonic() - start, 2, 'the burst')
        self.neighbours_talk()
        came += [juliet.expect(CLIENT + 'message').get('id') for _ in range(100)]
        self.assertGreater(time.monotonic() - start, 1.5, 'nobody was slowed down')
        self.assertEqual(came, [f'm{n}' for n in range(250)])


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
