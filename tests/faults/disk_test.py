#!/usr/bin/python3
"""A full disk: senders are told, nothing that was acknowledged is lost, and the server goes on by itself once there is
room. On a small tmpfs of its own; where nothing may be mounted, with a limit of the size of the server's files instead."""

import errno
import os
import resource
import subprocess
import time
import unittest

from fault_play import CLIENT, DOMAIN, SM, STANZA_ERROR, Closed, Site, get, open_client, register

SIZE = 24 << 20
BODY = 'x' * 4000


class TmpfsDisk:
    """The site's data folder on a file system of 24 MB."""

    def __init__(self, site):
        self.folder = site.folder / 'data'
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={SIZE}', 'tmpfs', str(self.folder)], check=True,
                       capture_output=True)

    def fill(self):
        with open(self.folder / 'filler', 'wb', buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(b'\0' * size)
                except OSError as full:
                    assert full.errno == errno.ENOSPC, full

    def free(self):
        (self.folder / 'filler').unlink()

    def close(self):
        subprocess.run(['umount', '-l', str(self.folder)], check=False)


class LimitedFiles:
    """No file of the server's grows beyond what its largest has now (ulimit -f)."""

    def __init__(self, site):
        self.site = site

    def fill(self):
        largest = max(path.stat().st_size for path in (self.site.folder / 'data').glob('confab.db*'))
        resource.prlimit(self.site.process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free(self):
        resource.prlimit(self.site.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        """The limit ends with the process."""


def make_disk(site):
    try:
        if 'CONFAB_NO_MOUNT' in os.environ:
            raise PermissionError('CONFAB_NO_MOUNT')
        return TmpfsDisk(site)
    except (OSError, subprocess.CalledProcessError):
        print('nothing may be mounted here: limiting the size of files instead', flush=True)
        return LimitedFiles(site)


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.disk = make_disk(self.site)
        self.addCleanup(self.finish)
        self.site.start()
        for name in ('romeo', 'juliet'):
            register(self.site.port('xmpp'), name, f'{name}-secret')
        juliet = open_client(self.site, 'juliet')
        juliet.send('</stream:stream>')
        time.sleep(0.1)
        juliet.close()
        self.romeo = open_client(self.site, 'romeo', acks=True)
        self.sent = 0
        self.others = 1  # stanzas that are no messages: the presence
        self.accepted = []

    def finish(self):
        if self.site.process.poll() is None:
            self.site.stop()
        self.disk.close()
        self.site.close()

    def send(self, count):
        """Sends, waits until all of it is acknowledged; the conditions of the errors that came."""
        ids = [f'm{self.sent + n}' for n in range(count)]
        self.sent += count
        for name in ids:
            self.romeo.send(f"<message to='juliet@localhost' type='chat' id='{name}'><body>{BODY}</body></message>")
        self.romeo.ask_for_ack()
        errors = {}
        while (element := self.romeo.expect(SM + 'a', SM + 'r', CLIENT + 'message')).tag != SM + 'a':
            if element.tag == SM + 'r':
                self.romeo.acknowledge()
            else:
                self.assertEqual(element.get('type'), 'error')
                errors[element.get('id')] = element.find(f'{CLIENT}error')[0].tag.removeprefix(STANZA_ERROR)
        self.assertEqual(int(element.get('h')), self.sent + self.others)
        self.accepted += [name for name in ids if name not in errors]
        return set(errors.values())

    def messages_that_wait(self):
        juliet = open_client(self.site, 'juliet', acks=True, presence=False)
        juliet.send('<presence/>')
        came = []
        while (element := juliet.next(1)) is not None:
            if element.tag == SM + 'r':
                juliet.acknowledge()
            elif element.tag == CLIENT + 'message':
                came.append(element.get('id'))
        juliet.send('</stream:stream>')
        juliet.close()
        return came

    def test_full_and_free_again(self):
        self.assertEqual(self.send(20), set())
        self.disk.fill()
        refused = set()
        for _ in range(40):
            refused |= self.send(20)
        self.assertEqual(refused, {'resource-constraint'})
        self.assertEqual(self.send(5), {'resource-constraint'}, 'still full')
        self.assertEqual(get(self.site, '/healthz')[0], 200)
        self.others += 1
        answer = self.romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", DOMAIN, 'p')
        self.assertEqual(answer.get('type'), 'result', 'what needs no room goes on')
        with self.assertRaises((RuntimeError, Closed)):
            register(self.site.port('xmpp'), 'tybalt', 'tybalt-secret')
        self.disk.free()
        end = time.monotonic() + 10
        while (refused := self.send(1)) and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(refused, set(), 'there is room again')
        self.assertEqual(self.send(20), set())
        register(self.site.port('xmpp'), 'tybalt', 'tybalt-secret')
        self.site.kill()
        self.site.start()
        self.assertEqual(self.messages_that_wait(), self.accepted)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
