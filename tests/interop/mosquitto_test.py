#!/usr/bin/python3
"""libmosquitto in C (mosquitto_test.c): two people talk over TLS with the site's CA; QoS 2 and properties on free topics."""

import os
import subprocess
import unittest

from dev_site import HOST, Site

CLIENT = os.environ.get('MOSQUITTO_CLIENT', 'build/gcc/tests/interop/mosquitto_client')


class Mosquitto(unittest.TestCase):
    def play(self, *arguments):
        return subprocess.run([CLIENT, *arguments], text=True, capture_output=True, timeout=90)

    def talk(self, site, ca, password='romeo-secret'):
        return self.play('talk', 'localhost', str(site.port('mqtts')), str(ca), 'romeo', password, 'juliet', 'juliet-secret')

    def test_two_people_talk(self):
        with Site() as site, Site() as other:
            for name in ('romeo', 'juliet'):
                site.add_user(name, f'{name}-secret')
            ca = site.folder / 'data/keys/ca.crt'
            ran = self.talk(site, ca)
            self.assertEqual((ran.returncode, ran.stdout), (0, 'ok\n'), ran.stderr)
            wrong = self.talk(site, ca, 'guess')
            self.assertEqual((wrong.returncode, wrong.stdout), (1, ''))
            self.assertIn('romeo:', wrong.stderr)
            distrusted = self.talk(site, other.folder / 'data/keys/ca.crt')
            self.assertEqual((distrusted.returncode, distrusted.stdout), (1, ''))
            self.assertIn('TLS refused', distrusted.stderr)

    def test_qos_2_and_properties(self):
        with Site(settings={'mqtt_open.anonymous': True}) as site:
            ran = self.play('open', HOST, str(site.port('mqtt_open')))
            self.assertEqual((ran.returncode, ran.stdout), (0, 'ok\n'), ran.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
