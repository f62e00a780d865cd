#!/usr/bin/python3
"""What a client that is logged in may not do: speak for others, push rosters, send too much (RFC 6120 §8, §11)."""

import unittest
import xml.etree.ElementTree as ElementTree

from fault_play import CLIENT, SM, STANZA_ERROR, STREAM, Closed, Faults, RawClient, register

ROSTER = "<query xmlns='jabber:iq:roster'><item jid='tybalt@localhost' subscription='both'/></query>"


class Stanzas(Faults):
    settings = {'limits.message_bytes': 20000, 'limits.sessions_per_account': 3}

    def error_of(self, client, identifier):
        answer = client.next(5)
        while answer is not None and answer.get('id') != identifier:
            answer = client.next(5)
        self.assertIsNotNone(answer, f'no answer to {identifier}')
        self.assertEqual(answer.get('type'), 'error', ElementTree.tostring(answer))
        return answer.find(f'{CLIENT}error')[0].tag.removeprefix(STANZA_ERROR)

    def assert_stream_error(self, client, condition):
        try:
            element = client.next(5)
            while element is not None and element.tag != STREAM + 'error':
                element = client.next(5)
        except Closed as end:
            self.fail(f'closed without an error: {end}')
        self.assertIsNotNone(element, 'no stream error')
        self.assertEqual(element[0].tag.rpartition('}')[2], condition)

    def test_forged_from(self):
        for sender in ('nurse@localhost', 'romeo@localhost/elsewhere', 'localhost', 'romeo@elsewhere.example', 'a@b@c'):
            for stanza in ("<message {} to='peter@localhost'><body>forged</body></message>", '<presence {}/>',
                           "<iq {} type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>"):
                with self.subTest(sender + stanza[:6]):
                    client = self.client('romeo')
                    client.send(stanza.format(f"from='{sender}'"))
                    self.assert_stream_error(client, 'invalid-from')
                    client.close()

    def test_own_from(self):
        client = self.client('romeo')
        for number, sender in enumerate(('romeo@localhost', 'romeo@localhost/desk', 'ROMEO@LOCALHOST')):
            client.send(f"<iq from='{sender}' type='get' id='o{number}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
            self.assertEqual(client.expect(CLIENT + 'iq').get('type'), 'result')

    def test_roster_push_of_another(self):
        """CVE-2015-8688 and its like: the client must be able to trust that a push without `from` is its server's."""
        romeo, juliet = self.client('romeo'), self.client('juliet')
        for to in ('juliet@localhost/desk', 'juliet@localhost'):
            romeo.send(f"<iq type='set' id='push' to='{to}'>{ROSTER}</iq>")
        came = juliet.next(1)
        if came is not None:  # passed on between the two, and told whose it is
            self.assertEqual(came.get('from'), 'romeo@localhost/desk')
        self.assertIsNone(juliet.next(0.3))
        answer = juliet.request('get', "<query xmlns='jabber:iq:roster'/>")
        self.assertEqual(len(answer[0]), 0, 'the roster has changed')
        self.assertEqual(self.error_of(romeo, 'push'), 'forbidden')

    def test_answers_that_nobody_asked_for(self):
        romeo = self.client('romeo')
        for to in ('', "to='localhost'", "to='nurse@localhost'", "to='peter@localhost/none'", "to='romeo@localhost'"):
            romeo.send(f"<iq type='result' id='r' {to}/><iq type='error' id='e' {to}><error type='cancel'>"
                       "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        self.assertEqual(romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", 'localhost', 'p').get('type'), 'result')

    def test_odd_stanzas(self):
        romeo = self.client('romeo')
        for number, (stanza, error) in enumerate((
                ("<message {} to='@localhost'><body>x</body></message>", 'jid-malformed'),
                ("<message {} to='localhost/'><body>x</body></message>", 'jid-malformed'),
                ("<message {} to='" + 'x' * 1100 + "@localhost'><body>x</body></message>", 'jid-malformed'),
                ("<iq {} type='set'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>", 'bad-request'),
                ("<iq {} type='set'/>", 'bad-request'),
                ("<iq {}><ping xmlns='urn:xmpp:ping'/></iq>", 'bad-request'),
                ("<presence {} type='dancing'/>", 'bad-request'),
                ("<presence {} type='subscribe'/>", 'bad-request'),
                ("<presence {}><priority>300</priority></presence>", 'bad-request'),
                ("<message {} type='groupchat' to='nurse@localhost'><body>x</body></message>", 'service-unavailable'))):
            with self.subTest(stanza[:60]):
                romeo.send(stanza.format(f"id='s{number}'"))
                self.assertEqual(self.error_of(romeo, f's{number}'), error)
        romeo.send("<sword xmlns='jabber:client'/>")
        self.assert_stream_error(romeo, 'unsupported-stanza-type')

    def test_body_too_long(self):
        romeo = self.client('romeo')
        romeo.send(f"<message id='big' to='juliet@localhost'><body>{'x' * 20001}</body></message>")
        self.assertEqual(self.error_of(romeo, 'big'), 'policy-violation')
        romeo.send(f"<message id='fits' to='romeo@localhost'><body>{'x' * 20000}</body></message>")
        self.assertEqual(romeo.expect(CLIENT + 'message').get('id'), 'fits')

    def test_stanza_too_long(self):
        limit = 6 * 20000 + 65536
        for data in (f"<message to='juliet@localhost'><body>{'x' * limit}</body></message>", '<message>' + '<a>' * 100,
                     '<message>' + '<a/>' * 60000, '<message>' + "<a b='c'/>" * 18000, f"<message a='{'x' * limit}"):
            with self.subTest(data[:30]):
                client = self.client('romeo')
                try:
                    client.send(data)
                except Closed:
                    pass  # the server need not read it all
                self.assert_stream_error(client, 'policy-violation')
                client.close()

    def test_stream_management_lies(self):
        for data, condition in (("<a xmlns='urn:xmpp:sm:3' h='5'/>", 'undefined-condition'),
                                ("<a xmlns='urn:xmpp:sm:3' h='-1'/>", 'policy-violation'),
                                ("<a xmlns='urn:xmpp:sm:3' h='99999999999999'/>", 'policy-violation'),
                                ("<b xmlns='urn:xmpp:sm:3'/>", 'unsupported-stanza-type')):
            with self.subTest(data):
                client = self.client('romeo', acks=True, presence=False)
                client.send(data)
                self.assert_stream_error(client, condition)
                client.close()

    def test_resumption_of_another(self):
        romeo = self.client('romeo', presence=False)
        token = romeo.enable_acks(True).get('id')
        thief = RawClient(self.site.port('xmpp'))
        self.opened.append(thief)
        thief.authenticate('juliet', 'juliet-secret')
        for guess in (token, 'x', '', '&#65;' * 4000):
            thief.send(f"<resume xmlns='{SM[1:-1]}' previd='{guess}' h='0'/>")
            self.assertEqual(thief.expect(SM + 'resumed', SM + 'failed').tag, SM + 'failed')
        self.assertEqual(romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", 'localhost', 'p').get('type'), 'result')

    def test_sessions_of_one_account(self):
        register(self.site.port('xmpp'), 'balthasar', 'balthasar-secret')
        clients = [self.client('balthasar', resource=f'r{n}') for n in range(3)]
        with self.assertRaisesRegex(Closed, 'cannot bind'):
            self.client('balthasar', resource='r3')
        self.client('balthasar', resource='r1')  # its own place
        clients[0].send('</stream:stream>')
        with self.assertRaises(Closed):
            clients[0].expect(CLIENT + 'iq')
        self.client('balthasar', resource='r4')
        for client in clients:
            client.close()


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
