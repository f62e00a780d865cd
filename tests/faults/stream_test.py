#!/usr/bin/python3
"""Bad streams before login: XML that XMPP forbids, wrong headers, too much of everything (RFC 6120 §4.9, §11)."""

import unittest

from fault_play import HEADER, Faults

LOL = "<!DOCTYPE l [<!ENTITY l 'lol'>" + ''.join(
    f"<!ENTITY l{n} '{('&l' + str(n - 1) + ';') * 10 if n > 1 else '&l;' * 10}'>" for n in range(1, 10)) + ']>'


def header(**changed):
    fields = {'to': 'localhost', 'version': '1.0', 'xmlns': 'jabber:client',
              'xmlns:stream': 'http://etherx.jabber.org/streams'}
    fields.update({name.replace('_', ':'): value for name, value in changed.items()})
    return '<stream:stream ' + ' '.join(f"{n}='{v}'" for n, v in fields.items() if v is not None) + '>'


class Streams(Faults):
    def assert_refused(self, data, condition):
        with self.subTest(str(data)[:60]):
            self.assert_ends(self.raw(data), condition)

    def test_forbidden_xml(self):
        for data in (LOL + "<stream:stream>&l9;", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", HEADER + '<!-- c -->',
                     HEADER + '<?php echo?>', HEADER + '<iq><!ENTITY a "b"></iq>', HEADER + '<iq>&nbsp;</iq>',
                     HEADER + '<iq a="&x;"/>', '<?xml-stylesheet href="a"?>' + HEADER):
            self.assert_refused(data, 'restricted-xml')

    def test_malformed_xml(self):
        for data in (HEADER + '<iq></message>', HEADER + 'text', HEADER + '<iq a="1" a="2"/>', HEADER + '<iq a=1/>',
                     HEADER + '<iq>&#0;</iq>', HEADER + '<iq>&#xFFFE;</iq>', HEADER + '<iq a="<"/>', HEADER + '<1/>',
                     HEADER + '<iq>]]></iq>', HEADER + '<![CDATA[x]]>', b'\x16\x03\x01\x02\x00\x01\x00',
                     'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'):
            self.assert_refused(data, 'not-well-formed')

    def test_bad_bytes(self):
        start = HEADER.encode()
        for data in (b'<iq>\xff</iq>', b'<iq>\xc0\xaf</iq>', b'<iq>\xed\xa0\x80</iq>', b'<iq>\xf4\x90\x80\x80</iq>',
                     b'<iq>\x00</iq>', b'\x00', b'<iq a="\x01"/>', b'<iq>\xe4</iq>'):
            self.assert_refused(start + data, 'not-well-formed')
        self.assert_refused("<?xml version='1.0' encoding='ISO-8859-1'?>" + header(), 'unsupported-encoding')
        self.assert_refused(HEADER.encode('utf-16'), 'not-well-formed')

    def test_headers(self):
        for data, condition in ((header(xmlns='jabber:server'), 'invalid-namespace'),
                                (header(xmlns_stream='urn:example:other'), 'invalid-namespace'),
                                (header(xmlns=None), 'invalid-namespace'),
                                (header(xmlns_stream=None), 'bad-namespace-prefix'),
                                (header().replace('stream:stream', 'stream:river'), 'bad-format'),
                                (header(version='0.9'), 'unsupported-version'),
                                (header(version=None), 'unsupported-version'),
                                (header(version='one'), 'unsupported-version'),
                                (header(to='elsewhere.example'), 'host-unknown'),
                                (header(to='local host'), 'host-unknown'),
                                (header(to=None), 'improper-addressing'),
                                (header(**{'from': 'a@b@c'}), 'invalid-from'),
                                (HEADER + '<foo:iq/>', 'bad-namespace-prefix'),
                                (HEADER + '<iq foo:a="b"/>', 'bad-namespace-prefix')):
            self.assert_refused(data, condition)
        for data in (header(version='1.7'), header(to='LOCALHOST'), header(to='localhost.')):
            with self.subTest(data):
                self.assertIn('<stream:features>', self.raw(data).until('</stream:features>', 3))

    def test_stanzas_before_their_time(self):
        message = "<message to='nurse@localhost' id='x'><body>from nobody</body></message>"
        for data in (message, "<presence/>", "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
                     "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"):
            self.assert_refused(HEADER + data, 'not-authorized')
        self.assert_refused(HEADER + "<verse xmlns='urn:example:verse'/>", 'unsupported-stanza-type')
        self.assert_refused(HEADER + "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", 'unsupported-stanza-type')

    def test_too_much(self):
        attributes = ' '.join(f"a{n}='1'" for n in range(200))
        spaces = ''.join(f" xmlns:n{n}='urn:{n}'" for n in range(60))
        for data in (HEADER + '<a>' * 100, HEADER + f'<iq {attributes}/>', HEADER + f"<iq {'a' * 5000}='1'/>",
                     HEADER + f"<{'a' * 5000}/>", HEADER + f'<iq{spaces}/>', HEADER + '<iq>' + '<a/>' * 3000,
                     HEADER + '<iq>' + 'x' * 17000, HEADER + "<iq a='" + 'x' * 17000, '<?xml ' + ' ' * 17000,
                     "<stream:stream a='" + 'x' * 17000, HEADER + '<' + 'x' * 17000):
            self.assert_refused(data, 'policy-violation')

    def test_just_within_the_limit(self):
        token = 'A' * 15800
        auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>"
        seen = self.raw(HEADER + auth).until('</failure>', 5)
        self.assertIn('<malformed-request/>', seen)

    def test_cdata_and_white_space(self):
        auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'><![CDATA[AG51cnNlAG51cnNlLXNlY3JldA==]]></auth>"
        connection = self.raw(HEADER + '\n \n' + auth)
        self.assertIn('<success', connection.until('<success', 5))

    def test_one_byte_at_a_time(self):
        auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AG51cnNlAG51cnNlLXNlY3JldA==</auth>"
        connection = self.raw()
        for byte in HEADER + auth:
            connection.send(byte)
        self.assertIn('<success', connection.until('<success', 5))

    def test_what_is_sent_behind_starttls(self):
        for behind in ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AG51cnNlAG51cnNlLXNlY3JldA==</auth>",
                       HEADER, ' '):
            with self.subTest(behind[:10]):
                connection = self.raw(HEADER + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + behind)
                seen = connection.until_closed(5)
                self.assertTrue(connection.over, seen[-200:])
                self.assertNotIn('<success', seen)
                self.assertNotIn('<proceed', seen)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
