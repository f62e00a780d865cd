#!/usr/bin/python3
"""Clients in JavaScript: each script of js/ is one test, against a development site with alice and bob."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from dev_site import Site

JS = Path(__file__).resolve().parent / 'js'


class JavaScript(unittest.TestCase):
    def test_scripts(self):
        scripts = sorted(JS.glob('*_test.js'))
        self.assertGreater(len(scripts), 0)
        for script in scripts:
            with self.subTest(script.name), Site(settings={'mqtt_open.anonymous': True}) as site:
                ports = {f'{listener.upper()}_PORT': str(port) for listener, port in site.ports.items()}
                environment = {**os.environ, **ports, 'NODE_EXTRA_CA_CERTS': str(site.folder / 'data/keys/ca.crt')}
                ran = subprocess.run(['node', str(script)], env=environment, capture_output=True, text=True, timeout=120)
                sys.stderr.write(ran.stdout + ran.stderr)
                self.assertEqual(ran.returncode, 0, f'{script.name}\n{site.last_log()}')


if __name__ == '__main__':
    unittest.main(verbosity=2)
