#!/usr/bin/python3
"""MQTT clients that do not read, do not acknowledge, do not release, or acknowledge what there is not: bounded memory, nothing
lost, neighbours unharmed."""

import time
import unittest

from fault_play import is_sanitized, memory_kb, metric
from mqtt_play import (PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBREC, PUBREL, RECEIVE_MAXIMUM, SESSION_EXPIRY, USER, V311, V5, MqttFaults,
                       ack, packet, publish)

BODY = 'x' * 20000
COUNT = 400  # 8 MB
QUEUE = 262144
WAITING = 1000  # topic_queue_messages
TOO_MANY, QUOTA, NOT_FOUND = 0x93, 0x97, 0x92
KEEPS = {'clean': False, 'properties': [(SESSION_EXPIRY, 600)]}


class Flow(MqttFaults):
    settings = {**MqttFaults.settings, 'limits.queue_bytes': QUEUE, 'limits.topic_queue_messages': WAITING}

    def grown(self, since, what, most):
        kb = memory_kb(self.site) - since
        print(f'{what}: the server grew by {kb} KB', flush=True)
        if not is_sanitized():  # it keeps what was freed, up to a quarter of a gigabyte
            self.assertLess(kb, most)

    def burst(self, device, topic, count, name, qos=1, payload=None):
        """The reasons of the acknowledgements; at most 500 are under way."""
        reasons, sent = [], 0
        while len(reasons) < count:
            while sent < count and sent - len(reasons) < 500:
                said = payload or {'cid': f'{name}{sent}', 'body': BODY}
                device.send(publish(topic, said, qos, sent % 60000 + 1, version=device.version))
                sent += 1
            reasons.append(device.reason(device.expect(PUBACK if qos == 1 else PUBREC, 30)))
        return reasons


class People(Flow):
    def test_who_stops_reading(self):
        for version in (V5, V311):
            how = KEEPS if version == V5 else {'clean': False}
            slow = self.device('juliet', f'deaf{version}', version=version, small=True, **how)
            before = memory_kb(self.site)
            self.assertEqual(set(self.burst(self.device('romeo', 'writer'), 'im/u/juliet/msg', COUNT, f'deaf{version}-')), {0})
            self.neighbours_talk()
            self.grown(before, f'{COUNT * len(BODY) >> 10} KB for somebody who reads nothing', 40000)
            slow.cut()
            self.take_back(f'deaf{version}', f'deaf{version}-', version)

    def take_back(self, client_id, name, version):
        back = self.connection(version=version)
        how = KEEPS if version == V5 else {'clean': False}
        self.assertEqual(back.login('juliet', client_id, **how), (True, 0))
        back.until(lambda: len(back.objects('/msg')) >= COUNT, f'{COUNT} messages', 60)
        back.settle(0.5)
        rows = [row for row in back.objects('im/u/juliet/msg') if row['cid'].startswith(name)]
        self.assertEqual([row['cid'] for row in rows], [f'{name}{n}' for n in range(COUNT)])
        self.assertEqual(len({row['id'] for row in rows}), COUNT)
        back.close()

    def test_who_never_acknowledges(self):
        slow = self.device('juliet', 'ungrateful', clean=False, properties=[(SESSION_EXPIRY, 600), (RECEIVE_MAXIMUM, 3)])
        slow.acks = False
        before = memory_kb(self.site)
        self.burst(self.device('romeo', 'writer'), 'im/u/juliet/msg', COUNT, 'ungrateful-')
        slow.settle()
        self.assertEqual(len(slow.objects('/msg')), 3, 'Receive Maximum')
        self.grown(before, f'{COUNT * len(BODY) >> 10} KB for somebody who acknowledges nothing', 40000)
        slow.cut()
        self.take_back('ungrateful', 'ungrateful-', V5)

    def test_who_asks_and_never_acknowledges(self):
        """Answers that there is no room for in Receive Maximum wait; not without end."""
        self.burst(self.device('juliet', 'writer'), 'im/u/romeo/msg', 60, 'page-')
        for version in (V5, V311):
            asker = self.device('romeo', f'asker{version}', version=version, **({'properties': [(RECEIVE_MAXIMUM, 1)]} if version == V5 else {}))
            asker.acks = False
            before = memory_kb(self.site)
            request = {'conv': 'juliet', 'limit': 50, 'rid': 'r'} if version == V5 else {'rid': 'r' * 1000, 'nonsense': 1}
            for number in range(2000 if version == V5 else 20000):
                asker.send(publish('im/req/message.history', request, 1, number % 60000 + 1, version=version))
                if number % 20 == 19:
                    asker.send(packet(PINGREQ))
                    while (one := asker.next()) is not None and one.kind != PINGRESP:
                        pass
                if asker.over:
                    break
            asker.ending(2)
            self.grown(before, 'answers that nobody acknowledges', 12000)
            self.assertTrue(asker.over, 'nobody ended it')
            asker.close()

    def test_filters_without_end(self):
        """Whoever turned off what comes by itself has filters of his own: not as many as he likes."""
        romeo = self.device('romeo', 'collector', synced=False, properties=[(USER, ('im-auto', '0'))])
        before = memory_kb(self.site)
        codes = set()
        for number in range(400):
            codes.update(romeo.ask([f'im/u/romeo/{number}/' + 'x' * 60000]))
        self.grown(before, '24 MB of filters', 8000)
        self.assertIn(QUOTA, codes)
        self.assertEqual(romeo.ask([f'im/u/romeo/{n}' for n in range(101)]), [1] * 100 + [QUOTA])
        self.assertEqual(romeo.ask(['im/u/romeo/7'] * 500), [1] * 500)

    def test_acknowledgements_of_nothing(self):
        for listener in ('mqtt', 'mqtt_open'):
            one = self.device('romeo', 'flooder', listener)
            start = time.monotonic()
            for kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
                one.send(b''.join(ack(kind, n % 65535 + 1) for n in range(20000)))
                if kind in (PUBREC, PUBREL):
                    for n in range(20000):
                        answer = one.expect(PUBREL if kind == PUBREC else PUBCOMP)
                        self.assertEqual((int.from_bytes(answer.body[:2], 'big'), one.reason(answer)), (n % 65535 + 1, NOT_FOUND))
            self.neighbours_talk()
            one.send(packet(PINGREQ)).expect(PINGRESP)
            print(f'{listener}: 80000 acknowledgements of nothing within {time.monotonic() - start:.1f} s')
            deaf = self.device('romeo', 'deaf flooder', listener, small=True)
            before = memory_kb(self.site)
            deaf.socket.settimeout(1)
            for _ in range(300):
                deaf.send(b''.join(ack(PUBREL, n % 65535 + 1) for n in range(10000)))
                if deaf.over:
                    break
            self.grown(before, 'answers that nobody reads', 20000)

    def test_exchanges_that_are_never_released(self):
        for listener, topic in (('mqtt', 'im/u/juliet/typing'), ('mqtt_open', 'house/light')):
            one = self.device('romeo', 'hoarder', listener)
            for number in range(1, 1001):
                one.send(publish(topic, 'composing', 2, number))
                self.assertLess(one.reason(one.expect(PUBREC)), 0x80)
            one.send(publish(topic, 'composing', 2, 7, dup=True))  # again: answered, and no new one
            self.assertEqual(int.from_bytes(one.expect(PUBREC).body[:2], 'big'), 7)
            one.send(publish(topic, 'composing', 2, 1001))
            self.assertEqual(one.ending(5), TOO_MANY)
            # 3.1.1 knows no Receive Maximum: all identifiers may be taken.
            old = self.device('romeo', 'old hoarder', listener, V311)
            before, start = memory_kb(self.site), time.monotonic()
            for first in range(1, 65536, 500):
                last = min(first + 500, 65536)
                old.send(b''.join(publish(topic, 'composing', 2, n, version=V311) for n in range(first, last)))
                for _ in range(first, last):
                    old.expect(PUBREC)
            self.neighbours_talk()
            print(f'{listener}: all identifiers of QoS 2 within {time.monotonic() - start:.1f} s')
            self.grown(before, 'all identifiers of QoS 2', 20000)
            old.send(publish(topic, 'composing', 2, 9, dup=True, version=V311)).expect(PUBREC)
            for first in range(1, 65536, 500):
                last = min(first + 500, 65536)
                old.send(b''.join(ack(PUBREL, n) for n in range(first, last)))
                for _ in range(first, last):
                    old.expect(PUBCOMP)
            self.assertLess(time.monotonic() - start, 60)
            old.close()


class Topics(Flow):
    def test_qos_0_to_who_stops_reading(self):
        slow, good = self.device(None, 'deaf', 'mqtt_open', small=True), self.device(None, 'good', 'mqtt_open')
        for reader in (slow, good):
            reader.ask(['flood/#'], qos=0)
        writer = self.device(None, 'writer', 'mqtt_open')
        before, dropped = memory_kb(self.site), metric(self.site, 'confab_topic_messages_dropped')
        for number in range(COUNT):
            writer.send(publish('flood/x', f'{number} {BODY}'))
            good.until(lambda: len(good.messages) > number, f'number {number}')
        self.neighbours_talk()
        self.grown(before, f'{COUNT * len(BODY) >> 10} KB of QoS 0 for somebody who reads nothing', 20000)
        self.assertEqual([int(m.payload.split()[0]) for m in good.messages], list(range(COUNT)))
        lost = metric(self.site, 'confab_topic_messages_dropped') - dropped
        slow.until(lambda: not slow.read(0.5), 'the rest')
        while slow.take():
            pass
        self.assertFalse(slow.over, 'a slow reader of QoS 0 need not go')
        self.assertEqual(len(slow.messages) + lost, COUNT, 'what was dropped is counted')
        self.assertGreater(lost, COUNT // 4)

    def test_qos_1_to_who_never_acknowledges(self):
        """What would have to wait beyond the limit is refused to whoever publishes it, and only that."""
        for keeps in (False, True):
            name = f'keeps-{keeps}'
            how = KEEPS if keeps else {}
            slow = self.device(None, name, 'mqtt_open', **how)
            slow.acks = False
            slow.ask([f'{name}/#'], qos=1)
            writer = self.device(None, 'writer', 'mqtt_open')
            before = memory_kb(self.site)
            # It is told to the publisher's shard, so some more may get through.
            reasons = self.burst(writer, f'{name}/x', 4000, '', payload=BODY[:2000])
            refused = reasons.count(QUOTA)
            print(f'{name}: {refused} of 4000 refused')
            self.assertEqual(reasons, [0] * (4000 - refused) + [QUOTA] * refused)
            self.assertTrue(4000 - refused >= WAITING and refused > 500)
            self.grown(before, 'QoS 1 for somebody who acknowledges nothing', 20000)
            self.assertEqual(writer.say('elsewhere/x', 'x'), 0x10)  # nobody is after it, and it is no fault of his
            slow.close()
            if not keeps:
                continue
            back = self.connection('mqtt_open')
            self.assertEqual(back.login(None, name, **how), (True, 0))
            back.until(lambda: len(back.messages) >= 4000 - refused, 'what was accepted', 30)
            back.settle(0.5)
            self.assertEqual(len(back.messages), 4000 - refused)

    def test_three_one_one_is_not_told_but_kept_waiting(self):
        """3.1.1 has no refusal: without an acknowledgement the client still has its message."""
        slow = self.device(None, 'full', 'mqtt_open', **KEEPS)
        slow.acks = False
        slow.ask(['full/#'], qos=1)
        self.burst(self.device(None, 'writer', 'mqtt_open'), 'full/x', 3000, '', payload='x')
        old = self.device(None, 'old writer', 'mqtt_open', V311)
        old.send(publish('full/x', 'more', 1, 1, version=V311))
        self.assertEqual(old.ending(5), None)
        slow.close()


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
