#!/usr/bin/python3
"""Logins that are wrong, slow or too many: SASL's refusals, the time to log in, limits of connections and failures."""

import base64
import time
import unittest

from fault_play import HEADER, SASL, Closed, Faults, RawClient, Site, metric

NS = f"xmlns='{SASL[1:-1]}'"


def plain(name, password, authzid=''):
    token = base64.b64encode(f'{authzid}\0{name}\0{password}'.encode()).decode()
    return f"<auth {NS} mechanism='PLAIN'>{token}</auth>"


class Refusals(Faults):
    settings = {'limits.login_failures': 0, 'limits.sasl_attempts': 100}

    def refusal(self, data):
        connection = self.raw(HEADER + data)
        seen = connection.until('</failure>', 5)
        connection.close()
        self.assertIn('<failure', seen)
        return seen[seen.index('<failure'):].split('><', 1)[1].split('/>', 1)[0]

    def test_refusals(self):
        first = base64.b64encode(b'n,,n=romeo,r=abc').decode()
        bound = base64.b64encode(b'p=tls-exporter,,n=romeo,r=abc').decode()
        for data, condition in ((plain('romeo', 'wrong'), 'not-authorized'),
                                (plain('nobody', 'wrong'), 'not-authorized'),
                                (plain('romeo@elsewhere.example', 'romeo-secret'), 'not-authorized'),
                                (plain('romeo', 'romeo-secret', 'juliet@localhost'), 'invalid-authzid'),
                                (f"<auth {NS} mechanism='PLAIN'>!!!</auth>", 'incorrect-encoding'),
                                (f"<auth {NS} mechanism='PLAIN'>AGE</auth>", 'incorrect-encoding'),
                                (f"<auth {NS} mechanism='PLAIN'>AAAA</auth>", 'malformed-request'),
                                (f"<auth {NS} mechanism='PLAIN'>=</auth>", 'malformed-request'),
                                (f"<auth {NS} mechanism='X-UNKNOWN'>AA==</auth>", 'invalid-mechanism'),
                                (f"<auth {NS}>AA==</auth>", 'invalid-mechanism'),
                                (f"<auth {NS} mechanism='EXTERNAL'>=</auth>", 'invalid-mechanism'),
                                (f"<auth {NS} mechanism='SCRAM-SHA-256-PLUS'>{bound}</auth>", 'invalid-mechanism'),
                                (f"<auth {NS} mechanism='SCRAM-SHA-256'>AA==</auth>", 'malformed-request'),
                                (f"<response {NS}>AA==</response>", 'malformed-request'),
                                (f"<auth {NS} mechanism='SCRAM-SHA-256'>{first}</auth><abort {NS}/>", 'aborted'),
                                (f"<auth {NS} mechanism='SCRAM-SHA-256'>{first}</auth><response {NS}>!</response>",
                                 'incorrect-encoding'),
                                (f"<auth {NS} mechanism='SCRAM-SHA-256'>{first}</auth><response {NS}>Yz1iaXdz</response>",
                                 'malformed-request')):
            with self.subTest(data):
                self.assertEqual(self.refusal(data), condition)

    def test_a_login_after_all_that(self):
        connection = self.raw(HEADER + f"<abort {NS}/>" + plain('romeo', 'wrong') + plain('romeo', 'romeo-secret'))
        self.assertIn('<success', connection.until('<success', 5))

    def test_passwords_without_bytes_that_may_be(self):
        for password in ('', '\0', '\ufffe', 'x' * 11000):
            connection = self.raw(HEADER + plain('romeo', password))
            self.assertIn('<failure', connection.until('</failure>', 5))


class Attempts(Faults):
    settings = {'limits.login_failures': 3, 'limits.sasl_attempts': 4}

    def test_guessing_is_slowed_down_and_ended(self):
        connection = self.raw(HEADER)
        connection.until('</stream:features>')
        times = []
        for count in range(1, 5):
            start = time.monotonic()
            connection.send(plain('romeo', f'guess {count}'))
            while connection.seen.count(b'</failure>') < count and not connection.over:
                connection.read(5)
            times.append(time.monotonic() - start)
        self.assertLess(max(times[:3]), 0.9, times)
        self.assertGreater(times[3], 0.9, times)
        self.assert_ends(connection, 'policy-violation')
        self.assertGreaterEqual(metric(self.site, 'confab_login_failures'), 4)


class Slow(Faults):
    settings = {'limits.login_seconds': 1, 'limits.connections_per_address': 60}

    def test_connections_that_do_not_log_in(self):
        starts = [self.raw(data) for data in (b'', b'<', HEADER, HEADER + '<auth ', b'\n' * 100)]
        dripping = self.raw(HEADER)
        end = time.monotonic() + 2
        while time.monotonic() < end and not dripping.over:
            dripping.send(' ')
            dripping.read(0.1)
        for connection in (dripping, *starts):
            self.assert_ends(connection, 'connection-timeout', 1)

    def test_logged_in_and_not_bound(self):
        connection = self.raw(HEADER + plain('romeo', 'romeo-secret'))
        connection.until('<success')
        connection.send(HEADER)
        self.assert_ends(connection, 'connection-timeout', 2.5)

    def test_tls_that_does_not_go_on(self):
        connections = [self.raw(b'', 'xmpps'), self.raw(b'\x16\x03\x01', 'xmpps'), self.raw(b'garbage' * 9, 'xmpps'),
                       self.raw(HEADER + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")]
        for connection in connections:
            connection.until_closed(12)
            self.assertTrue(connection.over, connection.seen)

    def test_connections_of_one_address(self):
        held = [self.raw() for _ in range(70)]
        time.sleep(0.3)
        refused = [connection for connection in held if (connection.read(0), connection.over)[1]]
        self.assertGreaterEqual(len(refused), 10)
        self.assertGreaterEqual(refused_connections(self), 10)
        for connection in held:
            connection.close()
        time.sleep(0.2)
        client = RawClient(self.site.port('xmpp'))
        client.login('romeo', 'romeo-secret', 'desk')
        client.close()


def refused_connections(play):
    """The limit holds for the page of metrics too, so connections are given back first."""
    for connection in play.opened[:30]:
        connection.close()
    time.sleep(0.2)
    return metric(play.site, 'confab_connections_refused')


class NoPlaintext(Faults):
    settings = {'auth.plaintext': 'never'}

    @classmethod
    def setUpClass(cls):
        cls.site = Site(settings=cls.settings).start()
        cls.neighbours, cls.opened = [], []

    def neighbours_talk(self):
        """They could not log in as the others do."""

    def test_nothing_crosses_in_clear(self):
        seen = self.raw(HEADER).until('</stream:features>')
        self.assertIn('<required/>', seen)
        self.assertNotIn('PLAIN', seen)
        for data in (plain('alice', 'alice-secret'), f"<auth {NS} mechanism='SCRAM-SHA-256'>biwsbj1hbGljZSxyPWFiYw==</auth>"):
            connection = self.raw(HEADER + data)
            self.assertIn('<encryption-required/>', connection.until('</failure>', 5))
        register = "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>eve</username><password>p</password></query></iq>"
        self.assertIn("type='error'", self.raw(HEADER + register).until('</iq>', 5).replace('"', "'"))

    def test_not_even_a_login_with_the_right_password(self):
        with self.assertRaises(Closed):
            RawClient(self.site.port('xmpp')).authenticate('alice', 'alice-secret')


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
