#!/usr/bin/python3
"""What people wrote is looked for, exported and erased: beside a running site and on a stopped one."""

import json
import subprocess
import sys
import time
import unittest
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'interop'))

from dev_site import Site  # noqa: E402
from raw_client import CLIENT, SM, Closed, RawClient  # noqa: E402

PEOPLE = ('romeo', 'juliet')


def password(name):
    return name + '-Pa55word'


class People(unittest.TestCase):
    """romeo and juliet have written to each other and to themselves."""

    running = True

    def setUp(self):
        self.site = Site().start()
        self.addCleanup(self.close)
        for name in PEOPLE:
            self.site.add_user(name, password(name))
        self.romeo, self.juliet = (self.log_in(name) for name in PEOPLE)
        self.say(self.juliet, 'romeo', 'Wherefore art thou Romeo?')
        self.say(self.romeo, 'juliet', '我们今天晚饭吃面 <&> "quoted"\nsecond line')
        for page in range(120):
            self.say(self.romeo, 'romeo', f'Diaryword{page} of Romeosecret')
        self.flush(self.romeo)
        self.flush(self.juliet)
        if not self.running:
            self.romeo.close()
            self.juliet.close()
            self.assertEqual(self.site.stop(), 0)

    def close(self):
        self.romeo.close()
        self.juliet.close()
        self.site.close()

    def log_in(self, name):
        client = RawClient(self.site.port('xmpp'))
        client.login(name, password(name), 'test')
        client.enable_acks()
        return client

    @staticmethod
    def say(client, to, text):
        client.send(f"<message to='{to}@localhost' type='chat' id='m{time.monotonic_ns()}'><body>{escape(text)}</body>"
                    f"<x xmlns='urn:test:x'>kept as it is</x></message>")

    @staticmethod
    def flush(client):
        """Everything that was said is stored: it is acknowledged (XEP-0198)."""
        client.ask_for_ack()
        client.expect(SM + 'a')

    def done(self, *arguments, text=''):
        code, out, errors = self.site.control(*arguments, text=text)
        self.assertEqual((code, errors), (0, ''), arguments)
        return out

    def export(self, name, *arguments):
        return [json.loads(line) for line in self.done('user', 'export', name, *arguments).split('\n')[:-1]]

    def database_has(self, text):
        """What strings(1) and grep(1) would find in the database and beside it."""
        files = sorted(str(file) for file in (self.site.folder / 'data').glob('confab.db*'))
        return subprocess.run(['grep', '-qaiF', text, *files]).returncode == 0

    def test_search(self):
        found = json.loads(self.done('history', 'search', 'juliet', '晚饭', '--json'))
        self.assertEqual([event['texts'][0]['text'] for event in found['found']],
                         ['我们今天晚饭吃面 <&> "quoted"\nsecond line'])
        self.assertEqual(found['next'], 0)
        self.assertEqual(self.done('history', 'search', 'juliet', 'Diaryword1'), '')
        self.assertEqual(self.done('history', 'search', 'romeo', 'Diaryword1', '--limit', '5').count('\n'), 6)
        self.assertIn('Diaryword77 ', self.done('history', 'search', 'romeo', 'of', 'Diaryword77'))
        self.assertIn('Wherefore', self.done('history', 'search', 'romeo', 'thou', '--with', 'juliet'))
        self.assertEqual(self.site.control('history', 'search', 'romeo', '?')[0], 1)
        self.done('search', 'rebuild')
        self.assertIn('Wherefore', self.done('history', 'search', 'romeo', 'thou'))

    def test_export(self):
        lines = self.export('romeo')
        self.assertEqual((lines[0]['format'], lines[0]['version'], lines[0]['account']), ('confab-export', 1, 'romeo@localhost'))
        events = [line for line in lines if line.get('type') == 'event']
        self.assertEqual([event['seq'] for event in events], list(range(1, 123)))
        self.assertEqual(lines[-1], {'type': 'end', 'events': 122})
        self.assertEqual({event['direction'] for event in events}, {'in', 'out', 'self'})
        self.assertTrue(any(event['texts'] == [{'text': '我们今天晚饭吃面 <&> "quoted"\nsecond line'}] for event in events))
        self.assertIn('urn:test:x', events[0]['annex'][0]['text'])
        self.assertEqual([line['name'] for line in lines if line.get('type') == 'device'], ['test'])
        whole = json.dumps(lines).lower()
        for secret in (password('romeo').lower(), 'scram', 'credential', 'salt'):
            self.assertNotIn(secret, whole)
        file = self.site.folder / 'romeo.jsonl'
        self.assertEqual(json.loads(self.done('user', 'export', 'romeo', '--output', str(file), '--json')),
                         {'file': str(file), 'events': 122})
        self.assertEqual([json.loads(line) for line in file.read_text().split('\n')[1:-1]], lines[1:])
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.site.control('user', 'export', 'romeo', '--output', str(file))[0], 1)
        self.assertEqual(self.site.control('user', 'export', 'nobody')[0], 1)

    def test_erase(self):
        self.done('search', 'rebuild')
        self.assertEqual(self.site.control('user', 'erase', 'romeo')[0], 1)  # nobody is there to be asked
        self.assertTrue(self.database_has('Diaryword77'))
        self.assertEqual(self.done('user', 'erase', 'romeo', '--yes'), 'romeo@localhost is erased\n')
        if self.running:
            with self.assertRaises(Closed):
                while self.romeo.next(10) is not None:
                    pass
        for text in ('Diaryword', 'Romeosecret'):
            self.assertFalse(self.database_has(text), text)
        # What romeo wrote to juliet is hers.
        self.assertIn('晚饭', self.done('history', 'search', 'juliet', '晚饭'))
        self.assertEqual([line['seq'] for line in self.export('juliet') if line.get('type') == 'event'], [1, 2])
        # The name is given again on purpose alone, and is another account then.
        code, _, errors = self.site.control('user', 'add', 'romeo', '--password-stdin', text='x\n')
        self.assertEqual(code, 1)
        self.assertIn('erased', errors)
        if self.running:
            self.refuse_registration()
        self.done('user', 'add', 'romeo', '--reuse-name', '--password-stdin', text='x\n')
        self.assertEqual(self.export('romeo')[-1], {'type': 'end', 'events': 0})

    def refuse_registration(self):
        client = RawClient(self.site.port('xmpp'))
        answer = client.request('set', "<query xmlns='jabber:iq:register'><username>romeo</username>"
                                       "<password>x</password></query>")
        client.close()
        self.assertEqual(answer.get('type'), 'error')
        self.assertIsNotNone(answer.find(f'{CLIENT}error/{{urn:ietf:params:xml:ns:xmpp-stanzas}}conflict'))


class PeopleOfAStoppedSite(People):
    running = False


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
