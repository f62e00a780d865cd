#!/usr/bin/python3
"""The plain broker: what paho, mosquitto_sub and mosquitto_rr expect of free topics."""

import subprocess
import time
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from dev_site import HOST, Site
from mqtt_person import V311, V5, Machine


class Broker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site(settings={'mqtt_open.anonymous': True, 'mqtt_open.deny': ['secret/#']}))

    def setUp(self):
        self.machines = []

    def tearDown(self):
        for machine in self.machines:
            machine.client.disconnect()
            machine.client.loop_stop()

    def machine(self, client_id, **kwargs):
        one = Machine(self.site, None, client_id, listener='mqtt_open', **kwargs)
        self.machines.append(one)
        _, code = one.connect()
        self.assertEqual(code, 0)
        return one

    def payloads(self, machine, topic):
        return [m.payload.decode() for m in machine.seen if m.topic == topic]

    def saw(self, machine, topic, payloads):
        machine.until(lambda: len(self.payloads(machine, topic)) >= len(payloads), f'{payloads} on {topic}')
        self.assertEqual(self.payloads(machine, topic), payloads)

    def test_every_qos_and_version(self):
        for version in (V5, V311):
            for qos in (0, 1, 2):
                topic = f'house/{version}/{qos}'
                reader = self.machine(f'reader{version}{qos}', version=version)
                self.assertEqual(reader.subscribe('house/+/#', qos), qos)
                writer = self.machine(f'writer{version}{qos}', version=version)
                for number in range(20):
                    writer.publish(topic, str(number), qos)
                self.saw(reader, topic, [str(n) for n in range(20)])

    def test_retained(self):
        writer = self.machine('keeper')
        writer.publish('room/a', 'one', 1, retain=True).publish('room/a', 'two', 1, retain=True)
        writer.publish('room/b', 'gone', 1, retain=True).publish('room/b', None, 1, retain=True)
        reader = self.machine('late')
        reader.subscribe('room/#', 1)
        self.saw(reader, 'room/a', ['two'])
        self.assertTrue(reader.seen[0].retain)
        self.site.kill()
        self.site.start()
        after = self.machine('after')
        after.subscribe('room/#', 1)
        self.saw(after, 'room/a', ['two'])
        self.assertEqual(self.payloads(after, 'room/b'), [])

    def test_persistent_session_over_a_crash(self):
        for version in (V5, V311):
            name = f'sleeper{version}'
            sleeper = self.machine(name, keeps=True, version=version)
            sleeper.subscribe(f'news/{version}/#', 2)
            sleeper.leave()
            writer = self.machine(f'press{version}')
            for number in range(50):
                writer.publish(f'news/{version}/x', str(number), number % 2 + 1)
            self.site.kill()
            self.site.start()
            sleeper = self.machine(name, keeps=True, version=version)
            self.assertEqual(sleeper.results[0][0], 1)
            # paho shows a QoS 2 message at PUBREL: each kind has its order (MQTT 5 §4.6).
            sleeper.until(lambda: len(sleeper.seen) >= 50, 'what was missed')
            for odd in (0, 1):
                self.assertEqual([int(p) for p in self.payloads(sleeper, f'news/{version}/x') if int(p) % 2 == odd],
                                 list(range(odd, 50, 2)))
            sleeper.leave()
            again = self.machine(name, keeps=True, version=version)
            time.sleep(0.3)
            self.assertEqual(again.seen, [])

    def test_wills(self):
        watcher = self.machine('watcher')
        watcher.subscribe('gone/#', 1)
        dying = self.machine('dying', will=('gone/dying', 'farewell', 1, False, 0))
        dying.drop()
        self.saw(watcher, 'gone/dying', ['farewell'])
        polite = self.machine('polite', will=('gone/polite', 'never', 1, False, 0))
        polite.leave()
        late = self.machine('late-will', keeps=True, will=('gone/late', 'after a second', 1, False, 1))
        late.drop()
        self.saw(watcher, 'gone/late', ['after a second'])
        self.assertEqual(self.payloads(watcher, 'gone/polite'), [])

    def test_shared(self):
        crew = [self.machine(f'worker{n}') for n in range(3)]
        for worker in crew:
            worker.subscribe('$share/crew/work/#', 1)
        boss = self.machine('boss')
        for number in range(30):
            boss.publish('work/x', str(number))
        crew[0].until(lambda: True, '')
        deadline = time.monotonic() + 10
        while sum(len(w.seen) for w in crew) < 30 and time.monotonic() < deadline:
            time.sleep(0.05)
        done = sorted(int(p) for w in crew for p in self.payloads(w, 'work/x'))
        self.assertEqual(done, list(range(30)))
        self.assertTrue(all(len(w.seen) >= 5 for w in crew))

    def test_properties_and_overlaps(self):
        reader = self.machine('properties')
        one = Properties(PacketTypes.SUBSCRIBE)
        one.SubscriptionIdentifier = 7
        reader.client.subscribe('over/+', options=None, qos=0, properties=one)
        two = Properties(PacketTypes.SUBSCRIBE)
        two.SubscriptionIdentifier = 9
        _, mid = reader.client.subscribe('over/#', qos=2, properties=two)
        reader.until(lambda: mid in reader.granted, 'SUBACK')
        writer = self.machine('properties-writer')
        properties = Properties(PacketTypes.PUBLISH)
        properties.ContentType = 'text/plain'
        properties.ResponseTopic = 'answers/here'
        properties.CorrelationData = b'\x00\x01'
        properties.UserProperty = [('a', '1'), ('a', '2')]
        properties.MessageExpiryInterval = 100
        writer.publish('over/x', 'hello', 2, properties=properties)
        reader.until(lambda: reader.seen, 'the message')
        message = reader.seen[0]
        self.assertEqual(message.qos, 2)
        self.assertEqual(sorted(message.properties.SubscriptionIdentifier), [7, 9])
        self.assertEqual((message.properties.ContentType, message.properties.ResponseTopic,
                          message.properties.CorrelationData, message.properties.UserProperty),
                         ('text/plain', 'answers/here', b'\x00\x01', [('a', '1'), ('a', '2')]))
        self.assertLessEqual(message.properties.MessageExpiryInterval, 100)
        time.sleep(0.2)
        self.assertEqual(len(reader.seen), 1)

    def test_denied(self):
        reader = self.machine('curious')
        self.assertEqual(reader.subscribe('secret/x', 1), 0x87)
        reader.subscribe('#', 1)
        writer = self.machine('spy')
        writer.publish('secret/x', 'hidden').publish('open/x', 'shown')
        self.saw(reader, 'open/x', ['shown'])
        self.assertEqual(self.payloads(reader, 'secret/x'), [])

    def test_mosquitto_tools(self):
        port = str(self.site.port('mqtt_open'))
        echo = self.machine('echo')
        echo.subscribe('ask', 1)
        echo.client.on_message = lambda c, u, m: c.publish(m.properties.ResponseTopic, b'echo ' + m.payload, 1)
        answer = subprocess.run(['mosquitto_rr', '-h', HOST, '-p', port, '-V', '5', '-t', 'ask', '-e', 'answer/1', '-m', 'hello',
                                 '-W', '10'], capture_output=True, timeout=20)
        self.assertEqual(answer.stdout.strip(), b'echo hello')
        subscriber = subprocess.Popen(['mosquitto_sub', '-h', HOST, '-p', port, '-t', 'tools/#', '-q', '2', '-C', '3', '-W', '15'],
                                      stdout=subprocess.PIPE)
        time.sleep(0.5)
        for number in range(3):
            subprocess.run(['mosquitto_pub', '-h', HOST, '-p', port, '-t', 'tools/x', '-q', str(number), '-m', f'm{number}'],
                           check=True, timeout=20)
        self.assertEqual(subscriber.communicate(timeout=20)[0].split(), [b'm0', b'm1', b'm2'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
