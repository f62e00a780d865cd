// mqtt.js on the account's own topics: every transport, a talk with @xmpp/client, what waited, requests.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import tls from "node:tls";

import { Device, V311, V5, deadline } from "./mqtt_device.js";
import { Person } from "./xmpp_person.js";

const DEADLINE = deadline(90);
const ports = process.env;
const tcp = `mqtt://localhost:${ports.MQTT_PORT}`;
const direct = `mqtts://localhost:${ports.MQTTS_PORT}`;
const secure = `wss://localhost:${ports.HTTPS_PORT}/mqtt`;

async function ask(device, method, params) {
  const correlationData = randomBytes(8);
  await device.publish(`im/req/${method}`, params, { qos: 1, properties: { responseTopic: "im/u/alice/answers", correlationData } });
  const answer = await device.saw((m) => m.topic === "im/u/alice/answers" && correlationData.equals(m.properties.correlationData));
  return JSON.parse(answer.text);
}

const bob = await new Person("bob", "desk", `xmpps://localhost:${ports.XMPPS_PORT}`).come();
const first = await new Device(tcp, "alice", "first").come(); // the development site's people are friends
assert.ok((await ask(first, "friend.list", {})).result.items.some((item) => item.jid === "bob@localhost" && item.sub === "both"));
await first.leave();

// ---- What comes after CONNACK, and a message each way, on every transport. ----
for (const url of [tcp, `ws://localhost:${ports.HTTP_PORT}/mqtt`, direct, secure]) {
  for (const version of [V5, V311]) {
    const name = `${url.split(":")[0]}-${version}`;
    const device = await new Device(url, "alice", name, { version }).come();
    const leaves = device.came.map((m) => m.topic.split("/").slice(3).join("/"));
    assert.deepEqual([leaves[0], leaves[1], leaves.at(-1)], ["sync", "roster", "sync"], `${name}: ${leaves}`);
    assert.equal(JSON.parse(device.came[0].text).st, "begin");
    assert.ok(leaves.slice(2, -1).every((leaf) => leaf.startsWith("presence/")), `${name}: ${leaves}`);
    assert.ok(device.came.some((m) => m.topic === "im/u/bob/presence/status" && m.retain && JSON.parse(m.text).st === "online"), name);
    await device.publish("im/u/bob/msg", `from ${name} 你好`);
    assert.equal((await bob.message(`from ${name} 你好`)).attrs.from, `alice@localhost/${name}`);
    await bob.say("alice@localhost", `to ${name} 👍`, `to-${name}`);
    const got = await device.told("im/u/alice/msg", { body: `to ${name} 👍` });
    assert.deepEqual([got.from, got.dir, got.src], ["bob@localhost/desk", "in", "xmpp"]);
    await device.leave();
  }
}

// ---- Whoever is not who he says. ----
await assert.rejects(new Device(tcp, "alice", "wrong", { password: "guess" }).connect(), { code: 0x86 });
await assert.rejects(new Device(tcp, "alice", "wrong", { password: "guess", version: V311 }).connect(), { code: 4 });
for (const url of [direct, secure]) { // a certificate that another CA would have to vouch for
  await assert.rejects(new Device(url, "alice", "distrusts", { ca: tls.rootCertificates[0] }).connect(), /certificate/);
}

// ---- Offline and back. ----
const watcher = await new Device(tcp, "alice", "watcher").come();
for (const version of [V5, V311]) {
  const options = { version, keeps: true };
  let phone = new Device(tcp, "alice", `phone${version}`, options);
  assert.equal((await phone.connect()).sessionPresent, false);
  await phone.told("/sync", { st: "end" });
  await phone.leave();
  const lines = [...Array(12).keys()].map((n) => `line ${n} for ${version}`);
  for (const line of lines) await bob.say("alice@localhost", line, line);
  await watcher.told("/msg", { body: lines.at(-1) }); // it is in the log
  phone = await new Device(tcp, "alice", `phone${version}`, options).come();
  assert.equal(phone.connack.sessionPresent, true);
  const rows = phone.came.filter((m) => m.topic === "im/u/alice/msg");
  assert.deepEqual(rows.map((m) => JSON.parse(m.text).body), lines);
  assert.ok(rows.every((m) => m.qos === 1));
  await phone.leave();
  phone = await new Device(tcp, "alice", `phone${version}`, options).come();
  assert.deepEqual(phone.came.filter((m) => m.topic === "im/u/alice/msg"), []);
  await phone.leave();
}

// ---- A request by Response Topic and Correlation Data; a message by its cid. ----
const desk = await new Device(tcp, "alice", "desk", { properties: { requestResponseInformation: true } }).come();
assert.equal(desk.connack.properties.responseInformation, "im/u/alice/");
await desk.publish("im/u/bob/msg", { cid: "c1", body: "the last one", want: ["delivered"] });
const sent = await desk.told("/res", { cid: "c1" });
const history = await ask(desk, "message.history", { conv: "u:bob@localhost", limit: 2 });
assert.equal(history.status, 0, JSON.stringify(history));
const last = history.result.messages.find((m) => m.id === sent.result.id);
assert.deepEqual([last.body, last.cid, last.dir], ["the last one", "c1", "out"]);
assert.equal((await ask(desk, "message.history", { nonsense: 1 })).status, -1);
await assert.rejects(desk.publish("im/u/bob/presence/status", "away"), { code: 0x87 });

await Promise.all([desk.leave(), watcher.leave()]);
await bob.xmpp.stop();
clearTimeout(DEADLINE);
console.log("ok");
