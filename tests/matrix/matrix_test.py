#!/usr/bin/python3
"""docs/bridging.md, executed: every meaning, between every two wires, to somebody who is there, to somebody who comes later,
and among several devices. Exactly once, the same id, the same order, the same time, the same history on both sides.

    tests/matrix/matrix_test.py [-k xmpp_to_mqtt5_offline]
"""

import asyncio
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / 'interop')]

import bridge_table  # noqa: E402
from dev_site import Site  # noqa: E402
from mqtt_person import V5, Machine  # noqa: E402
from person import Play  # noqa: E402
from plays import NOT_YET, PLAYS  # noqa: E402
from scene import SITUATIONS, WIRES, Scene  # noqa: E402

PEOPLE = ('alice', 'bob', 'carol', 'eve')
SCENES = [(actor, recipient, situation) for actor in WIRES for recipient in WIRES for situation in SITUATIONS]
TABLE = bridge_table.read()


class Table(unittest.TestCase):
    def test_every_row_is_played(self):
        self.assertEqual(set(PLAYS) | NOT_YET, set(TABLE))
        for row in NOT_YET:
            self.assertEqual({word for word, _ in TABLE[row].values()}, {'dropped'}, row)


class Matrix(Play):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site(settings={'limits.connections_per_address': 1000}))
        people = cls.site.folder / 'people.csv'
        people.write_text('name,password\n' + ''.join(f'{who}{n},{who}{n}-secret\n' for n in range(len(SCENES)) for who in PEOPLE))
        code, _, errors = cls.site.control('user', 'import', str(people))
        assert code == 0, errors

    async def scene(self, number):
        names = [f'{who}{number}' for who in PEOPLE]
        await asyncio.to_thread(make_friends, self.site, *names[:2])
        return Scene(self.site, TABLE, names, *SCENES[number])

    async def play(self, number):
        scene = await self.scene(number)
        await scene.begin()
        for function in dict.fromkeys(PLAYS.values()):
            await function(scene, next(row for row, its in PLAYS.items() if its is function))
        await scene.end()
        self.check_told(scene)
        await self.check_history(scene)
        await self.check_accepting(scene)
        await scene.close()

    def check_told(self, scene):
        for one in scene.expected:
            with self.subTest(row=one.row, device=str(one.device), what=one.what, **one.wanted):
                near = [(seen.cid, seen.about, seen.fields) for seen in one.device.seen if seen.what == one.what]
                self.assertEqual(len(one.found()), one.count, f'seen {near}')
        for row, device, bare, facet, value in scene.states:
            with self.subTest(row=row, device=str(device), facet=facet):
                self.assertEqual(device.facet(bare, facet), value)

    async def check_history(self, scene):
        """Both sides, on all wires, have the same rows, and what came live or late was the same as they are."""
        rows = {}
        for device in scene.everybody():
            peer = scene.alice if device in scene.bobs else scene.bob
            rows[device] = await device.history(peer)
        first = rows[scene.actor]
        with self.subTest(check='what was said, in its order', device=str(scene.actor)):
            self.assertEqual([row.cid for row in first if row.what == 'message'], [c for c in scene.said if c not in scene.gone])
        for device, history in rows.items():
            with self.subTest(check='the same history', device=str(device)):
                self.assertEqual([brief(row) for row in history], [brief(row) for row in first])
                self.assertEqual({row.cid: row.fields['body'] for row in history if row.cid in scene.final}, scene.final)
            self.check_seen_as_kept(device, {row.cid: row for row in history}, [row.id for row in history])

    def check_seen_as_kept(self, device, rows, order):
        told = [seen for seen in device.seen if seen.what == 'message' and seen.cid in rows and seen.id]
        with self.subTest(check='the same ids, order and times', device=str(device)):
            self.assertEqual([seen.id for seen in told], [rows[seen.cid].id for seen in told])
            self.assertEqual([seen.id for seen in told], [id for id in order if id in {seen.id for seen in told}])
            for seen in told:
                self.assertIn(seen.ts, (0, rows[seen.cid].ts), seen.cid)

    async def check_accepting(self, scene):
        """The recipient says yes: the asker's roster has him, and the recipient's devices are told."""
        await scene.recipient.accept(scene.carol)
        await scene.asker.sees('roster', jid=f'{scene.bob}@localhost')
        wanted = ('to', 'both')  # over XMPP one allows, over MQTT one becomes friends
        for _ in range(200):
            sub = (await scene.asker.roster()).get(f'{scene.bob}@localhost')
            if sub in wanted:
                break
            await asyncio.sleep(0.05)
        with self.subTest(row='`RosterChange`', device=str(scene.asker)):
            self.assertIn(sub, wanted)
        for device in scene.bobs:
            with self.subTest(row='`RosterChange`', device=str(device)):
                await device.sees('roster', jid=f'{scene.carol}@localhost')


def brief(row):
    return row.what, row.id, row.ts, row.author, '' if row.what == 'withdrawn' else row.fields['body']


def make_friends(site, one, other):
    here = [Machine(site, name, client_id='introduction', version=V5).login() for name in (one, other)]
    answer = here[0].request('friend.add', jid=other)
    assert answer['status'] == 0, answer
    here[1].got('/roster', op='ask')
    answer = here[1].request('friend.accept', jid=one)
    assert answer['status'] == 0, answer
    for machine in here:
        machine.leave()


def add_scene(number):
    actor, recipient, situation = SCENES[number]

    async def test(self):
        await self.play(number)
    test.__doc__ = f'{actor} to {recipient}, {situation}'
    setattr(Matrix, f'test_{actor}_to_{recipient}_{situation}', test)


for scene_number in range(len(SCENES)):
    add_scene(scene_number)

if __name__ == '__main__':
    unittest.main(verbosity=2)
