#!/usr/bin/python3
"""MQTT against the rules of who may say and see what: filters that reach too far, topics and members of somebody else, rights
that were lost meanwhile, wills, client ids of others."""

import threading
import time
import unittest

from mqtt_play import CORRELATION, RESPONSE_TOPIC, SESSION_EXPIRY, V311, V5, WILL_DELAY, Device, MqttFaults, connect

NOT_AUTHORIZED, NO_TOPIC, TAKEN_OVER, BAD_CLIENT_ID = 0x87, 0x90, 0x8E, 0x85
REFUSED = ('im/u/juliet/msg', 'im/u/juliet/#', 'im/u/JULIET/msg', 'im/u/ju%6Ciet/msg', 'im/u/ju%6ciet/+', 'im/u/juliet@localhost/#',
           'im/u/juliet@LOCALHOST/msg', 'im/u/juliet%40localhost/msg', 'im/u/juliet/presence/status', 'im/u/Juliet/presence/+',
           'im/u/juliet@localhost/presence/#', 'im/u/romeo2/msg', '+/u/juliet/msg', 'im/+/juliet/msg', '+/+/juliet/#', 'im/u/juliet/+',
           '$share/x/im/u/+/msg', '$share/x/im/u/romeo/msg', '$share/x/#', '$share/x/im/u/juliet/presence/status', '$SYS/#', '$SYS/broker/load',
           'im/u//msg', 'im/u', '/im/u/juliet/msg', 'im//u/juliet/msg', 'im/g/+/msg', 'im/c/#', 'im/req/+', 'elsewhere/#', 'im/u/%/msg')
CUT_DOWN = ('im/u/+/msg', 'im/u/#', 'im/#', '#', '+/u/+/msg', '+/+/+/+', 'im/+/#', 'im/u/+/+', 'im/u/+/presence/#', 'im/u/+/presence/status',
            'im/u/+/roster', '+/#')
FORBIDDEN = ('im/u/juliet/presence/status', 'im/u/juliet/presence/signature', 'im/u/JULIET/presence/status',
             'im/u/ju%6Ciet/presence/status', 'im/u/juliet@localhost/presence/listening', 'im/u/juliet/roster', 'im/u/juliet/sync',
             'im/u/juliet/res', 'im/u/juliet/dev', 'im/u/juliet/media/1', 'im/u/romeo/roster', 'im/u/romeo/res', 'im/u/romeo/sync',
             'im/u/romeo/rcpt', 'im/u/romeo/typing', 'im/sys/announce', 'im/sys/announce/all', '$SYS/broker/load', 'im', 'im/', 'im/u',
             'im/u/juliet', '/im/u/juliet/msg', 'im/u/juliet/msg/', 'im/u/juliet/msg/x', 'im/u//msg', 'im/u/%/msg', 'im/u/%zz/msg',
             'im/u/ju%00liet/msg', 'im/u/juliet@elsewhere.example/msg', 'im/u/nobody-at-all/msg', 'IM/u/juliet/msg', 'im/req/Friend.List',
             'im/req/', 'im/req/a/b', 'im/g/all/msg', 'im/c/@juliet/post', 'im/app/x/in', 'im/u/juliet/app/x', 'a', '/')


class Access(MqttFaults):
    def one_to_juliet(self, body='for juliet alone'):
        """Everything there is to see of juliet."""
        juliet = self.device('juliet', 'seen')
        juliet.say('im/u/juliet/presence/status', {'st': 'dnd'})
        juliet.say('im/u/juliet/presence/signature', {'text': 'private'})
        sender = self.device('nurse', 'writer')
        self.assertEqual(sender.say('im/u/juliet/msg', {'cid': body, 'body': body, 'want': ['read']}), 0)
        juliet.until(lambda: juliet.objects('im/u/juliet/msg', body=body), 'the message')
        juliet.say('im/u/nurse/rcpt', {'k': 'read', 'ids': [juliet.objects('im/u/juliet/msg', body=body)[0]['id']]})
        juliet.call('friend.list')
        juliet.close()

    def assert_only_own(self, device, name):
        device.settle()
        strange = [(m.topic, m.payload) for m in device.messages if not m.topic.startswith(f'im/u/{name}/')
                   and not m.topic.startswith(f'im/u/{name}@localhost/')]
        self.assertEqual(strange, [])
        self.assertFalse(any(b'private' in m.payload or b'for juliet' in m.payload for m in device.messages))

    def test_filters(self):
        for version in (V5, V311):
            for automatic in (True, False):
                raw = {} if automatic or version == V311 else {'properties': [(38, ('im-auto', '0'))]}
                romeo = self.device('romeo', 'spy' if automatic else 'raw-spy', version=version, synced=automatic, **raw)
                self.assertEqual(romeo.ask(REFUSED), [NOT_AUTHORIZED if version == V5 else 0x80] * len(REFUSED))
                self.assertTrue(all(code <= 1 for code in romeo.ask(CUT_DOWN, qos=2)))
                self.one_to_juliet(f'for juliet {version} {automatic}')
                self.assert_only_own(romeo, 'romeo')
                romeo.close()

    def test_rights_that_were_lost(self):
        """Granted as long as there is a subscription to the presence, and looked at again for everything that is told."""
        romeo, juliet = self.device('romeo', 'watcher'), self.device('juliet', 'watched')
        self.assertEqual(romeo.call('friend.add', jid='juliet')['status'], 0)
        juliet.until(lambda: juliet.objects('/roster', op='ask'), 'the question')
        self.assertEqual(juliet.call('friend.accept', jid='romeo')['status'], 0)
        romeo.until(lambda: romeo.objects('im/u/juliet/presence/status', st='online'), "juliet's presence")
        self.assertEqual(romeo.ask(['im/u/juliet/presence/+', 'im/u/JULIET/presence/status', 'im/u/+/presence/#']), [1, 1, 1])
        juliet.say('im/u/juliet/presence/status', 'away')
        romeo.until(lambda: romeo.objects('im/u/juliet/presence/status', st='away'), 'away')
        self.assertEqual(juliet.call('friend.remove', jid='romeo')['status'], 0)
        romeo.until(lambda: romeo.objects('im/u/juliet/presence/status', st='offline'), 'the last that is told')
        before = len(romeo.settle().messages)
        juliet.say('im/u/juliet/presence/status', 'dnd')
        juliet.say('im/u/juliet/presence/signature', {'text': 'no longer for romeo'})
        romeo.settle()
        self.assertEqual([m for m in romeo.messages[before:] if 'juliet/presence' in m.topic], [])
        self.assertEqual(romeo.ask(['im/u/juliet/presence/status']), [NOT_AUTHORIZED])
        romeo.call('friend.remove', jid='juliet')

    def test_topics_of_others(self):
        juliet = self.device('juliet', 'victim')
        romeo, old = self.device('romeo', 'forger'), self.device('romeo', 'forger3', version=V311)
        seen = len(juliet.messages)
        for topic in FORBIDDEN:
            with self.subTest(topic):
                payload = {'st': 'away', 'text': 'forged', 'ids': ['x'], 'k': 'read'}
                self.assertIn(romeo.say(topic, payload), (NOT_AUTHORIZED, NO_TOPIC, 0x83, 0x99), topic)
                self.assertEqual(old.say(topic, payload), 0)  # it is told on `res` instead
        old.until(lambda: len(old.objects('/res', status=-1)) == len(FORBIDDEN), 'all refusals')
        juliet.settle()
        self.assertEqual(juliet.messages[seen:], [])

    def test_members_of_others(self):
        juliet, phone = self.device('juliet', 'victim'), self.device('romeo', 'phone')
        romeo = self.device('romeo', 'forger')
        forged = {'from': 'nurse@localhost/writer', 'id': '01985b3e-0000-7000-8000-000000000007', 'seq': 1, 'ts': 5, 'dir': 'out',
                  'conv': 'u:nurse@localhost', 'src': 'sip', 'to': 'peter@localhost', 'v': 9, 'edited': 7, 'body': 'forged', 'cid': 'f1'}
        for topic in ('im/u/juliet/msg', 'im/u/JULIET/msg', 'im/u/ju%6Ciet/msg', 'im/u/juliet@localhost%2Fvictim/msg'):
            juliet.messages.clear(), phone.messages.clear()
            forged['cid'] = topic
            self.assertEqual(romeo.say(topic, forged), 0)
            juliet.until(lambda: juliet.objects('im/u/juliet/msg', body='forged'), 'the message')
            phone.until(lambda: phone.objects('im/u/romeo/msg', body='forged'), 'the copy')
            for device, direction, conv in ((juliet, 'in', 'u:romeo@localhost'), (phone, 'out', 'u:juliet@localhost')):
                got = device.objects('/msg', body='forged')[0]
                self.assertEqual((got['from'], got['dir'], got['conv'], got['src'], got['v']),
                                 ('romeo@localhost/forger', direction, conv, 'mqtt', 1))
                self.assertTrue(got['to'].startswith('juliet@localhost') and got['ts'] > 10**12 and got['id'] != forged['id'])
                self.assertNotIn('edited', got)
        for change in ({'edit': got['id'], 'body': 'changed'}, {'recall': got['id']}):  # what romeo wrote, by juliet
            self.assertNotEqual(juliet.say('im/u/romeo/msg', change), 0)

    def test_response_topics(self):
        romeo, juliet = self.device('romeo', 'asker'), self.device('juliet', 'victim')
        seen = len(juliet.messages)
        for topic in ('im/u/juliet/res', 'im/u/juliet/msg', 'im/u/JULIET/x', 'im/u/romeo2/x', 'im/req/friend.list', 'im/u', 'a', '$SYS/x',
                      'im/u/nurse/../romeo/x', 'im/u/ro%6Deo/x', '/im/u/romeo/x'):
            self.assertEqual(romeo.say('im/req/friend.list', '{}', properties=[(RESPONSE_TOPIC, topic), (CORRELATION, b'c')]), NO_TOPIC, topic)
        self.assertEqual(romeo.say('im/req/friend.list', '{}', properties=[(RESPONSE_TOPIC, 'im/u/romeo/here'), (CORRELATION, b'c')]), 0)
        romeo.until(lambda: any(m.topic == 'im/u/romeo/here' for m in romeo.messages), 'the answer')
        juliet.settle()
        self.assertEqual(juliet.messages[seen:], [])


class ClientIds(MqttFaults):
    def test_the_same_client_id_of_somebody_else(self):
        for listener in ('mqtt', 'mqtt_open'):
            juliet = self.device('juliet', 'phone', listener)
            self.device('romeo', 'phone', listener)
            juliet.settle(0.2)
            self.assertFalse(juliet.over)
            self.assertEqual(juliet.ask(['im/u/juliet/msg']), [1])

    def test_a_nobody_is_nobody_s_heir(self):
        """On free topics an account's client ids are its own: nobody without one gets at its sessions by a clever name."""
        keeps = {'clean': False, 'properties': [(SESSION_EXPIRY, 100)]}
        for take in (True, False):
            phone = f'phone-{take}'
            juliet = self.device('juliet', phone, 'mqtt_open', **keeps)
            juliet.ask(['secret/#'])
            if not take:
                juliet.close()
            for name in (f'juliet\n{phone}', f'juliet/{phone}', f'juliet@localhost\n{phone}', f'\njuliet\n{phone}', f'juliet\r\n{phone}'):
                thief = self.connection('mqtt_open')
                thief.send(connect(name, **keeps))
                one = thief.next(3)
                self.assertTrue(thief.over or one is None or one.body[0] == 0, f'{name!r} goes on with a session of juliet')
            if take:
                juliet.settle(0.2)
                self.assertFalse(juliet.over, 'taken over')
                juliet.close()

    def test_take_over_flood(self):
        for listener in ('mqtt', 'mqtt_open'):
            start = time.monotonic()
            crowd = [self.connection(listener) for _ in range(200)]
            for one in crowd:
                one.send(connect('same', 'romeo', 'romeo-secret'))
            end = start + 30
            while sum(one.over for one in crowd) < len(crowd) - 1 and time.monotonic() < end:
                for one in crowd:
                    one.next(0)
            took = time.monotonic() - start
            print(f'{listener}: {len(crowd)} logins of one client id within {took:.1f} s')
            [last] = [one for one in crowd if not one.over]
            self.assertLess(took, 20)
            self.assertEqual(last.ask(['im/u/romeo/msg']), [1])
            last.close()
            self.neighbours_talk()

    def test_two_that_take_each_other_over_for_ever(self):
        """As two machines with one name do, each coming back as soon as it is thrown out."""
        stop = time.monotonic() + 3
        turns = []

        def fight(listener, count):
            while time.monotonic() < stop:
                one = Device(self.site.port(listener))
                one.send(connect('twin', 'romeo', 'romeo-secret', clean=False, properties=[(SESSION_EXPIRY, 60)]))
                one.ending(max(stop - time.monotonic(), 0.1))
                one.close()
                count.append(1)

        threads = [threading.Thread(target=fight, args=(listener, turns)) for listener in ('mqtt', 'mqtt_open') for _ in range(3)]
        for thread in threads:
            thread.start()
        while time.monotonic() < stop:
            self.neighbours_talk()
            time.sleep(0.1)
        for thread in threads:
            thread.join(10)
        self.assertGreater(len(turns), 20)
        self.device('romeo', 'twin').call('friend.list')


class Wills(MqttFaults):
    """What is said for somebody who is lost is looked at when it is said."""

    def dying(self, will, client_id='dying', **how):
        return self.device('romeo', client_id, will=will, **how)

    def assert_nothing_came(self, juliet, body):
        juliet.settle(0.6)
        self.assertEqual(juliet.objects('/msg', body=body), [])
        rows = juliet.call('message.history', conv='romeo')['result']['messages']
        self.assertNotIn(body, [row.get('body') for row in rows])

    def test_a_will_that_is_said(self):
        juliet = self.device('juliet', 'heir')
        self.dying(('im/u/juliet/msg', 'farewell', 1, [])).cut()
        juliet.until(lambda: juliet.objects('im/u/juliet/msg', body='farewell'), 'the will')

    def test_blocked_meanwhile(self):
        for delay in (0, 1):
            juliet, body = self.device('juliet', 'heir'), f'blocked {delay}'
            dying = self.dying(('im/u/juliet/msg', body, 1, [(WILL_DELAY, delay)]), properties=[(SESSION_EXPIRY, 30)])
            self.assertEqual(juliet.call('friend.block', jid='romeo')['status'], 0)
            dying.cut()
            time.sleep(delay)
            self.assert_nothing_came(juliet, body)
            self.assertEqual(juliet.call('friend.unblock', jid='romeo')['status'], 0)

    def test_no_presence_for_who_may_not_see_it(self):
        romeo, juliet = self.device('romeo', 'desk'), self.device('juliet', 'heir')
        romeo.call('friend.add', jid='juliet')
        juliet.until(lambda: juliet.objects('/roster', op='ask'), 'the question')
        juliet.call('friend.accept', jid='romeo')
        juliet.until(lambda: juliet.objects('im/u/romeo/presence/status', st='online'), 'presence')
        will = ('im/u/romeo/presence/status', '{"st":"offline","text":"last words"}', 1, [])
        dying = self.dying(will)
        romeo.call('friend.remove', jid='juliet')
        juliet.until(lambda: juliet.objects('im/u/romeo/presence/status', st='offline'), 'the end of it')
        romeo.close(), dying.cut()
        juliet.settle(0.6)
        self.assertFalse(any(b'last words' in m.payload for m in juliet.messages))
        juliet.call('friend.remove', jid='romeo')

    def test_wills_that_nobody_may_make(self):
        for topic in ('im/u/juliet/presence/status', 'im/u/juliet/roster', 'im/u/romeo/res', 'im/sys/announce', '$SYS/x', 'im/req/friend.list',
                      'elsewhere', 'im/u/juliet/dev'):
            one = self.connection()
            one.send(connect('bad-will', 'romeo', 'romeo-secret', will=(topic, '{}', 1, [])))
            self.assertIn(one.ending(3), (NOT_AUTHORIZED, NO_TOPIC), topic)
        for topic in ('a/#', 'a/+', ''):
            self.assertNotEqual(self.connection().send(connect('x', 'romeo', 'romeo-secret', will=(topic, 'x', 1, []))).ending(3), 'open')

    def test_an_account_that_is_no_more(self):
        juliet = self.device('juliet', 'heir')
        for delay in (0, 2):
            name, body = f'mercutio{delay}', f'a plague {delay}'
            self.site.add_user(name, f'{name}-secret')
            gone = self.device(name, 'dying', will=('im/u/juliet/msg', body, 1, [(WILL_DELAY, delay)]), properties=[(SESSION_EXPIRY, 30)])
            if delay:
                gone.cut()
                time.sleep(0.2)
            code, _, errors = self.site.control('user', 'remove', name)
            self.assertEqual(code, 0, errors)
            if not delay:
                self.assertEqual(gone.ending(3), NOT_AUTHORIZED)
            time.sleep(delay)
            juliet.settle(0.6)
            self.assertEqual(juliet.objects('/msg', body=body), [])
            self.assertEqual(self.connection().login(name, 'again')[1], 0x86)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
