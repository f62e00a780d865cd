#!/usr/bin/python3
"""libstrophe over STARTTLS, with the site's CA: two people log in and exchange a message (strophe_test.c)."""

import os
import subprocess
import unittest

from dev_site import DOMAIN, HOST, PEER, Site

CLIENT = os.environ.get('STROPHE_CLIENT', 'build/gcc/tests/interop/strophe_client')


class Strophe(unittest.TestCase):
    def play(self, site, ca):
        people = []
        for name in ('romeo', 'juliet'):
            people += [f'{name}@{DOMAIN}', f'{name}-secret']
        return subprocess.run([CLIENT, HOST, str(site.port('xmpp')), str(ca), *people], text=True, capture_output=True,
                              timeout=90)

    @unittest.skipIf(PEER, 'its certificate is not by our CA')
    def test_two_people_talk(self):
        # With channel binding offered too: libstrophe 0.12 has none, and says so ("n"), which is no downgrade.
        for channel_binding in (True, False):
            with self.subTest(channel_binding=channel_binding), Site(channel_binding=channel_binding) as site:
                site.add_user('romeo', 'romeo-secret')
                site.add_user('juliet', 'juliet-secret')
                ran = self.play(site, site.folder / 'data/keys/ca.crt')
                self.assertEqual(ran.returncode, 0, ran.stderr)
                lines = ran.stdout.split('\n')
                self.assertIn('talked', lines)
                chosen = [line.split()[2] for line in lines if line.startswith('mechanism ')]
                print(f'channel_binding = {channel_binding}: {chosen}')
                self.assertEqual(len(chosen), 2)
                for mechanism in chosen:
                    self.assertTrue(mechanism.startswith('SCRAM-SHA-'), mechanism)

    @unittest.skipIf(PEER, 'its certificate is not by our CA')
    def test_another_ca_is_refused(self):
        with Site() as site, Site() as other:
            ran = self.play(site, other.folder / 'data/keys/ca.crt')
            self.assertNotEqual(ran.returncode, 0)
            self.assertIn('certificate refused', ran.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
