#!/usr/bin/python3
"""The same conversation over MQTT (paho, mosquitto_pub) and XMPP (slixmpp)."""

import asyncio
import json
import subprocess
import time
import unittest

from dev_site import HOST, Site
from mqtt_person import V311, V5, Machine
from person import PLUGINS, Person, Play, befriend, register

EXTRA = PLUGINS + ('xep_0308', 'xep_0333', 'xep_0424', 'xep_0444')


class Mqtt(Play):
    plays = 0

    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def asyncSetUp(self):
        await super().asyncSetUp()
        Mqtt.plays += 1
        self.names = [f'{who}{Mqtt.plays}' for who in ('rosalind', 'orlando')]
        await register(self.site, *self.names)
        self.machines = []
        self.rosalind = Machine(self.site, self.names[0])  # not connected yet
        self.orlando = await Person(self.site, self.names[1]).login()

    async def asyncTearDown(self):
        for machine in self.machines:
            machine.client.disconnect()
            machine.client.loop_stop()
        await super().asyncTearDown()

    async def machine(self, *args, login=True, **kwargs):
        one = Machine(self.site, *args, **kwargs)
        self.machines.append(one)
        if login:
            await asyncio.to_thread(one.login)
        return one

    async def run_on(self, call, *args, **kwargs):
        return await asyncio.to_thread(call, *args, **kwargs)

    async def friends(self):
        return await befriend(await Person(self.site, self.names[0], resource='introduction').login(), self.orlando)

    async def test_plain_text_both_ways(self):
        for version in (V5, V311):
            rosalind = await self.machine(self.names[0], version=version, client_id=f'phone{version}')
            before = len(self.orlando.seen['message'])
            await self.run_on(rosalind.publish, f'im/u/{self.names[1]}/msg', 'hello')
            await self.orlando.saw('message', before + 1)
            message = self.orlando.seen['message'][before]
            self.assertEqual((message['body'], message['from'].full), ('hello', f'{self.names[0]}@localhost/phone{version}'))
            self.orlando.send_message(mto=message['from'].bare, mbody='你好', mtype='chat')
            got = (await self.run_on(rosalind.got, f'im/u/{self.names[0]}/msg', body='你好'))[0]
            self.assertEqual((got['dir'], got['conv'], got['src']), ('in', f'u:{self.names[1]}@localhost', 'xmpp'))
            self.assertTrue(got['id'] and got['seq'] and got['ts'])

    async def test_mosquitto_pub(self):
        ran = await asyncio.to_thread(subprocess.run, [
            'mosquitto_pub', '-h', HOST, '-p', str(self.site.port('mqtt')), '-u', self.names[0], '-P',
            f'{self.names[0]}-secret', '-q', '1', '-t', f'im/u/{self.names[1]}/msg', '-m', 'hello from a shell'],
            timeout=20)
        self.assertEqual(ran.returncode, 0)
        self.assertEqual((await self.orlando.saw('message'))[0]['body'], 'hello from a shell')

    async def test_the_order_after_connack(self):
        await self.friends()
        rosalind = await self.machine(self.names[0], client_id='tablet')
        leaves = [(m.topic.split('/', 3)[3], m.retain) for m in rosalind.seen]
        names = [leaf for leaf, _ in leaves]
        self.assertEqual(names[0], 'sync')
        self.assertEqual(names[1], 'roster')
        self.assertEqual(names[-1], 'sync')
        self.assertIn(('presence/status', True), leaves)
        roster = rosalind.objects('/roster')[0]
        self.assertEqual(roster['op'], 'full')
        states = {o['from']: o['st'] for o in rosalind.objects('presence/status')}
        self.assertEqual(states[f'{self.names[1]}@localhost'], 'online')

    async def test_presence(self):
        await self.friends()
        rosalind = await self.machine(self.names[0], client_id='desk5')
        me = f'im/u/{self.names[0]}/presence'
        await self.orlando.until(lambda: any(p['from'].resource == 'desk5' for p in self.orlando.seen['presence_available']), 'arrival')
        await self.run_on(rosalind.publish, f'{me}/signature', {'text': 'in the forest'})
        await self.run_on(rosalind.publish, f'{me}/status', 'away')
        await self.orlando.until(lambda: any(p['status'] == 'in the forest' and p['type'] == 'away'
                                             for event in ('presence_available', 'presence_away')
                                             for p in self.orlando.seen[event]), 'away with the signature')
        self.orlando.send_presence(pshow='dnd', pstatus='carving verses')
        await self.run_on(rosalind.got, f'{self.names[1]}/presence/status', st='dnd')
        await self.run_on(rosalind.got, f'{self.names[1]}/presence/signature', text='carving verses')
        refused = await self.run_on(rosalind.subscribe, f'im/u/{self.names[1]}/msg')
        self.assertEqual(refused, 0x87)

    async def test_receipts_typing_edits(self):
        await self.friends()
        rosalind = await self.machine(self.names[0], client_id='desk6')
        peer = f'im/u/{self.names[1]}'
        await self.run_on(rosalind.publish, f'{peer}/msg', {'cid': 'c1', 'body': 'first', 'want': ['delivered', 'read']})
        sent = (await self.run_on(rosalind.got, '/res', cid='c1'))[0]
        self.assertEqual(sent['status'], 0)
        await self.orlando.saw('message')
        await self.run_on(rosalind.got, '/rcpt', k='delivered', cids=['c1'])
        await self.run_on(rosalind.publish, f'{peer}/typing', {'st': 'composing'}, 0)
        await self.orlando.saw('chatstate_composing')
        await self.run_on(rosalind.publish, f'{peer}/msg', {'edit': 'cid:c1', 'body': 'first, better'})
        await self.orlando.until(lambda: any(m.xml.find('{urn:xmpp:message-correct:0}replace') is not None
                                             for m in self.orlando.seen['message']), 'the correction')
        correction = self.orlando.seen['message'][-1]
        self.assertEqual(correction.xml.find('{urn:xmpp:message-correct:0}replace').get('id'), 'c1')
        await self.run_on(rosalind.publish, f'{peer}/msg', {'type': 'event', 'react': {'id': 'cid:c1', 'set': ['👍']}})
        await self.run_on(rosalind.publish, f'{peer}/msg', {'recall': 'cid:c1'})
        history = await self.run_on(rosalind.request, 'message.history', conv=f'u:{self.names[1]}@localhost')
        self.assertEqual(history['status'], 0, history)
        rows = history['result']['messages']
        self.assertEqual([(row['id'], row.get('body', '')) for row in rows], [(sent['result']['id'], '')])
        # A repeat is recognised by its cid, and nothing is said twice.
        seen = len(self.orlando.seen['message'])
        await self.run_on(rosalind.publish, f'{peer}/msg', {'cid': 'c2', 'body': 'once'})
        await self.run_on(rosalind.publish, f'{peer}/msg', {'cid': 'c2', 'body': 'once'})
        await self.run_on(rosalind.got, '/res', 2, cid='c2')
        await self.run_on(rosalind.publish, f'{peer}/msg', 'after')
        await self.orlando.until(lambda: self.orlando.seen['message'][-1]['body'] == 'after', 'the last')
        self.assertEqual([m['body'] for m in self.orlando.seen['message'][seen:]].count('once'), 1)

    async def test_offline_and_several_devices(self):
        phone = await self.machine(self.names[0], client_id='phone', keeps=True)
        old = await self.machine(self.names[0], client_id='old', keeps=True, version=V311)
        await self.run_on(phone.leave)
        await self.run_on(old.leave)
        for number in range(120):
            self.orlando.send_message(mto=f'{self.names[0]}@localhost', mbody=f'm{number}', mtype='chat')
        await asyncio.sleep(0.5)
        self.site.kill()
        self.site.start()
        phone = await self.machine(self.names[0], client_id='phone', keeps=True, receive_maximum=7)
        old = await self.machine(self.names[0], client_id='old', keeps=True, version=V311)
        for device in (phone, old):
            got = await self.run_on(device.got, f'{self.names[0]}/msg', 120)
            self.assertEqual([o['body'] for o in got], [f'm{n}' for n in range(120)])
            self.assertEqual(device.results[0][0], 1)
        self.assertEqual([o['id'] for o in phone.objects('/msg')], [o['id'] for o in old.objects('/msg')])
        await self.run_on(phone.publish, f'im/u/{self.names[1]}/msg', {'cid': 'own', 'body': 'seen elsewhere'})
        copy = (await self.run_on(old.got, '/msg', body='seen elsewhere'))[0]
        self.assertEqual((copy['dir'], copy['cid'], copy['conv']), ('out', 'own', f'u:{self.names[1]}@localhost'))
        await self.run_on(phone.leave)
        await self.run_on(old.leave)
        again = await self.machine(self.names[0], client_id='old', keeps=True, version=V311)
        self.assertEqual(again.objects('/msg'), [])

    async def test_refusals(self):
        five = await self.machine(self.names[0], client_id='five')
        three = await self.machine(self.names[0], client_id='three', version=V311)
        self.assertEqual(await self.run_on(three.subscribe, 'im/u/somebody/msg'), 0x80)
        self.assertEqual(await self.run_on(five.subscribe, 'elsewhere/#'), 0x87)
        self.assertIn(await self.run_on(five.subscribe, f'im/u/{self.names[0]}/#'), (0, 1))
        self.assertIn(await self.run_on(five.subscribe, '#'), (0, 1))
        await self.run_on(three.publish, f'im/u/{self.names[1]}/presence/status', 'away')
        refused = (await self.run_on(three.got, '/res', status=-1))[0]
        self.assertEqual(refused['error'], 'forbidden')
        wrong = Machine(self.site, self.names[0], password='wrong')
        self.machines.append(wrong)
        self.assertEqual((await self.run_on(wrong.connect))[1], 0x86)
        first = await self.machine(self.names[0], client_id='same')
        await self.machine(self.names[0], client_id='same')
        await self.run_on(first.until, lambda: first.gone is not None, 'take-over')
        self.assertIn('replaced', json.dumps(first.objects('/dev')[0]))

    async def test_requests(self):
        await self.friends()
        rosalind = await self.machine(self.names[0], client_id='asks')
        friends = await self.run_on(rosalind.request, 'friend.list')
        self.assertEqual([item['jid'] for item in friends['result']['items']], [f'{self.names[1]}@localhost'])
        wrong = await self.run_on(rosalind.request, 'friend.list', nonsense=1)
        self.assertEqual(wrong['status'], -1)
        self.assertIn('nonsense', wrong['message'])
        sessions = await self.run_on(rosalind.request, 'session.list')
        self.assertIn('mqtt', json.dumps(sessions['result']))

    async def test_websocket(self):
        rosalind = await self.machine(self.names[0], client_id='browser', listener='http', transport='websockets', login=False)
        rosalind.client.ws_set_options(path='/mqtt')
        await self.run_on(rosalind.login)
        await self.run_on(rosalind.publish, f'im/u/{self.names[1]}/msg', 'over WebSocket')
        self.assertEqual((await self.orlando.saw('message'))[-1]['body'], 'over WebSocket')

    async def test_what_the_site_says(self):
        """An administrator speaks to everybody, by MQTT and by XMPP: to who is here and to who comes later, once."""
        admin = f'chorus{Mqtt.plays}'
        code, _, errors = self.site.control('user', 'add', admin, '--admin', '--password-stdin', text=f'{admin}-secret\n')
        self.assertEqual(code, 0, errors)
        speaker = await self.machine(admin, client_id='desk')
        phone = await self.machine(self.names[0], client_id='phone', keeps=True)
        away = await self.machine(self.names[0], client_id='away', keeps=True, version=V311)
        await self.run_on(away.leave)
        await self.run_on(speaker.publish, 'im/sys/announce', {'cid': 'n1', 'body': 'Two households'})
        await self.run_on(speaker.got, '/res', cid='n1', status=0)
        chorus = await Person(self.site, admin, resource='stage').login()
        chorus.send_message(mto='localhost', mbody='both alike in dignity', mtype='headline')
        said = ['Two households', 'both alike in dignity']
        for device in (phone, speaker):
            got = await self.run_on(device.got, 'im/sys/announce', 2)
            self.assertEqual([(o['from'], o['body'], o['conv']) for o in got], [('localhost', text, 'u:localhost') for text in said])
        await self.orlando.until(lambda: [m['body'] for m in self.orlando.seen['message'] if m['from'] == 'localhost'] == said, 'news')
        self.assertEqual({m['type'] for m in self.orlando.seen['message']}, {'headline'})
        back = await self.machine(self.names[0], client_id='away', keeps=True, version=V311)
        self.assertEqual([o['id'] for o in back.objects('im/sys/announce')], [o['id'] for o in phone.objects('im/sys/announce')])
        rows = (await self.run_on(phone.request, 'message.history', conv='u:localhost'))['result']['messages']
        self.assertEqual([row['body'] for row in rows], said)
        await self.run_on(phone.publish, 'im/sys/announce', {'cid': 'n2', 'body': 'I am nobody'})
        self.assertEqual((await self.run_on(phone.got, '/res', cid='n2'))[0]['error'], 'forbidden')
        await asyncio.sleep(0.3)
        self.assertEqual(len(phone.objects('im/sys/announce')), 2)


if __name__ == '__main__':
    unittest.main(verbosity=2)
