#!/usr/bin/python3
"""The process as its operator meets it: bad configuration, a folder in use, a port file that cannot be, signals."""

import os
import signal
import socket
import ssl
import subprocess
import time
import unittest

from fault_play import CLIENT, HEADER, HOST, STREAM, Closed, Faults, Raw, Site, open_client

from dev_site import CONFABD


def serve(site, *arguments):
    """Another confabd with the configuration of `site`: (exit code, standard error)."""
    ran = subprocess.run([CONFABD, 'serve', '--config', str(site.config), *arguments], capture_output=True, text=True,
                         timeout=20)
    return ran.returncode, ran.stderr


def certificate(site, listener='xmpps'):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((HOST, site.port(listener)), 5) as plain:
        with context.wrap_socket(plain) as secured:
            return secured.getpeercert(True)


def make_certificate(folder, name):
    files = [str(folder / f'{name}.{kind}') for kind in ('crt', 'key')]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days',
                    '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-out', files[0], '-keyout',
                    files[1]], check=True, capture_output=True)
    return files


class BadStarts(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def test_configurations(self):
        start = self.site.config.read_text()
        for text, wanted in (('\n[limits2]\nx = 1\n', 'limits2'), ('\n[turn]\nservice = []\n', 'turn.service'),
                             ('\n[media]\nquota_bytes = "much"\n', 'media.quota_bytes'),
                             ('\n[media]\nquota_bytes = -1\n', 'media.quota_bytes'), ('\n[media\n', ''),
                             ('\n[policy]\nstrangers = "some"\n', 'policy.strangers'),
                             ('\n[tls]\ncertificate = "only.crt"\n', 'tls')):
            with self.subTest(text):
                self.site.config.write_text(start + text)
                code, errors = serve(self.site)
                self.assertEqual(code, 1, errors)
                self.assertIn(wanted, errors)
                if 'only.crt' not in text:
                    line = start.count('\n') + text.rstrip().count('\n') + 1
                    self.assertRegex(errors, rf'confab\.toml:({line}|{line - 1}|{line + 1}):')
        self.site.config.unlink()
        self.assertEqual(serve(self.site)[0], 1)

    def test_folders_and_files(self):
        code, errors = serve(self.site, '--port-file', '/nonexistent/ports.json')
        self.assertEqual(code, 1)
        self.assertIn('/nonexistent/ports.json', errors)
        blocker = self.site.folder / 'file'
        blocker.write_text('')
        self.site.configure({'data_dir': str(blocker / 'data')})
        code, errors = serve(self.site)
        self.assertEqual(code, 1)
        self.assertIn(str(blocker), errors)

    def test_broken_files(self):
        data = self.site.folder / 'data'
        (data / 'confab.db').write_bytes(b'not a database' * 1000)
        code, errors = serve(self.site)
        self.assertEqual(code, 1)
        self.assertIn('confab.db', errors)
        (data / 'confab.db').unlink()
        self.site.configure({'tls.certificate': 'no.crt', 'tls.key': 'no.key'})
        code, errors = serve(self.site)
        self.assertEqual(code, 1)
        self.assertIn('no.crt', errors)

    def test_a_port_in_use(self):
        with socket.create_server((HOST, 0)) as taken:
            self.site.configure({'listen.xmpp': [f'{HOST}:{taken.getsockname()[1]}']})
            code, errors = serve(self.site)
            self.assertEqual(code, 1)
            self.assertIn(f'{taken.getsockname()[1]}', errors)

    def test_wrong_usage(self):
        self.assertEqual(subprocess.run([CONFABD], capture_output=True).returncode, 2)
        self.assertEqual(subprocess.run([CONFABD, 'serve', '--nonsense'], capture_output=True).returncode, 2)


class Running(Faults):
    def test_a_second_server(self):
        for arguments in ((), ('--dev', '--data', str(self.site.folder / 'data'))):
            code, errors = serve(self.site, *arguments)
            self.assertEqual(code, 1)
            self.assertRegex(errors, 'in use|another|already|lock')

    def test_hangup(self):
        """New certificate, new limits; nobody is dropped. A configuration that is wrong changes nothing."""
        before = certificate(self.site)
        files = make_certificate(self.site.folder, 'other')
        self.site.configure({'tls.certificate': files[0], 'tls.key': files[1], 'auth.registration': 'closed'})
        self.site.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while certificate(self.site) == before and time.monotonic() < end:
            time.sleep(0.05)
        self.assertNotEqual(certificate(self.site), before)
        self.assertNotIn('iq-register', Raw(self.site.port('xmpp'), HEADER.encode()).until('</stream:features>'))
        self.neighbours_talk()
        self.site.config.write_text('nonsense = 1\n')
        for _ in range(3):
            self.site.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.neighbours_talk()
        self.assertIn('nonsense', self.site.last_log())
        self.site.configure({})


class Goodbye(unittest.TestCase):
    def test_everybody_is_told(self):
        with Site() as site:
            clients = [open_client(site, name, acks=acks) for name, acks in (('alice', False), ('bob', True))]
            strangers = [Raw(site.port('xmpp'), data) for data in (b'', HEADER.encode())]
            pages = Raw(site.port('http'), b'GET /he')
            deaf = open_client(site, 'carol')
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            time.sleep(0.2)
            start = time.monotonic()
            site.process.send_signal(signal.SIGTERM)
            for client in clients:
                error = client.next(5)
                while error is not None and error.tag != STREAM + 'error':
                    error = client.next(5)
                self.assertIsNotNone(error)
                self.assertEqual(error[0].tag.rpartition('}')[2], 'system-shutdown')
                with self.assertRaisesRegex(Closed, 'end of stream|reset'):
                    while client.expect(CLIENT + 'iq'):
                        pass
                client.close()
            for connection in (*strangers, pages):
                connection.until_closed(8)
                self.assertTrue(connection.over)
            self.assertIn('<system-shutdown', strangers[1].seen.decode())
            self.assertEqual(site.process.wait(12), 0)
            print(f'gone after {time.monotonic() - start:.1f} s')
            self.assertLess(time.monotonic() - start, 10)
            deaf.close()

    def test_while_messages_fly(self):
        with Site() as site:
            bob = open_client(site, 'bob', acks=True)
            bob.send('</stream:stream>')
            alice = open_client(site, 'alice', acks=True)
            for number in range(200):
                alice.send(f"<message to='bob@localhost' type='chat' id='g{number}'><body>{number}</body></message>"
                           + "<r xmlns='urn:xmpp:sm:3'/>" * (number % 50 == 49))
            acknowledged = int(alice.expect('{urn:xmpp:sm:3}a').get('h'))
            self.assertEqual(site.stop(), 0)
            try:
                while (element := alice.next(1)) is not None:
                    acknowledged = int(element.get('h')) if element.tag.endswith('}a') else acknowledged
            except Closed:
                pass
            site.start()
            bob = open_client(site, 'bob', acks=True)
            came = 0
            while (element := bob.next(0.5)) is not None:
                came += element.tag == CLIENT + 'message'
                if element.tag.endswith('}r'):
                    bob.acknowledge()
            bob.close()
            self.assertGreaterEqual(came, acknowledged - 1)  # the presence was a stanza too
            print(f'{acknowledged} stanzas acknowledged before the end, {came} messages there after it')


if __name__ == '__main__':
    os.environ.pop('NOTIFY_SOCKET', None)
    unittest.main(verbosity=2, warnings='ignore')
