#!/usr/bin/python3
"""A full disk, as MQTT's clients meet it: 5.0 is told 0x97, 3.1.1 gets no acknowledgement; nothing that was acknowledged is lost, and
it goes on by itself once there is room."""

import time
import unittest

from disk_test import TmpfsDisk, make_disk
from fault_play import Site
from mqtt_play import SESSION_EXPIRY, V311, Device, publish

QUOTA, UNSPECIFIED = 0x97, 0x80
BODY = 'x' * 4000
KEEPS = {'clean': False, 'properties': [(SESSION_EXPIRY, 600)]}


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.site = Site(settings={'mqtt_open.anonymous': True, 'limits.messages_per_second': 0})
        self.disk = make_disk(self.site)
        self.addCleanup(self.finish)
        self.site.start()

    def finish(self):
        if self.site.process.poll() is None:
            self.site.stop()
        self.disk.close()
        self.site.close()

    def device(self, listener, name=None, client_id='desk', **how):
        one = Device(self.site.port(listener), how.pop('version', 5))
        self.addCleanup(one.close)
        self.assertEqual(one.login(name, client_id, **how)[1], 0)
        return one

    def play(self, listener, topic, names, filters=()):
        sleeper = self.device(listener, names[1], 'sleeper', **KEEPS)
        if filters:
            sleeper.ask(filters, qos=2)
        sleeper.close()
        writer = self.device(listener, names[0], 'writer')
        accepted = []

        def say(count):
            reasons = set()
            for _ in range(count):
                text = f'{len(accepted)} {BODY}'
                reason = writer.say(topic, {'cid': f'{listener}-{time.monotonic_ns()}', 'body': text} if names[0] else text, qos=1)
                reasons.add(reason)
                if reason == 0:
                    accepted.append(text)
            return reasons

        self.assertEqual(say(20), {0})
        self.disk.fill()
        refused = set()
        for _ in range(30):
            refused |= say(20)
        full = QUOTA if isinstance(self.disk, TmpfsDisk) else UNSPECIFIED  # a file that may not grow is no full disk
        self.assertLessEqual(refused, {0, full})
        self.assertEqual(say(5), {full}, 'still full')
        old = self.device(listener, names[0], 'old writer', version=V311)
        old.send(publish(topic, 'not acknowledged', 1, 1, version=V311))
        self.assertIsNone(old.ending(5))
        self.disk.free()
        end = time.monotonic() + 10
        while say(1) != {0} and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(say(20), {0}, 'there is room again')
        self.site.kill()
        self.site.start()
        sleeper = Device(self.site.port(listener))
        self.addCleanup(sleeper.close)
        self.assertEqual(sleeper.login(names[1], 'sleeper', **KEEPS), (True, 0))

        def came():
            if names[0]:
                return [row['body'] for row in sleeper.objects('/msg')]
            return [m.payload.decode() for m in sleeper.messages]

        sleeper.until(lambda: len(came()) >= len(accepted), f'{len(accepted)} messages', 30)
        sleeper.settle(0.5)
        self.assertEqual([text[:9] for text in came()], [text[:9] for text in accepted])

    def test_people(self):
        self.play('mqtt', 'im/u/bob/msg', ('alice', 'bob'))

    def test_topics(self):
        self.play('mqtt_open', 'house/light', (None, None), ['house/#'])


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
