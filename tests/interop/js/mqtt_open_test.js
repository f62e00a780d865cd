// mqtt.js on free topics: QoS, what is retained, shared subscriptions, topic aliases both ways, wills, sessions that are kept.
import assert from "node:assert/strict";

import { Device, V311, V5, deadline } from "./mqtt_device.js";

const DEADLINE = deadline(60);
const url = `mqtt://localhost:${process.env.MQTT_OPEN_PORT}`;

async function open(clientId, options) {
  const device = new Device(url, null, clientId, options);
  await device.connect();
  return device;
}

// The texts on a topic, once a message "end" has come on it.
async function texts(device, topic) {
  await device.saw((m) => m.topic === topic && m.text === "end");
  return device.came.filter((m) => m.topic === topic && m.text !== "end").map((m) => m.text);
}

const numbers = [...Array(30).keys()].map(String);

for (const version of [V5, V311]) {
  const reader = await open(`reader${version}`, { version });
  const writer = await open(`writer${version}`, { version });
  for (const qos of [0, 1, 2]) {
    const topic = `house/${version}/${qos}`;
    assert.deepEqual((await reader.subscribe(`house/${version}/${qos}/#`, qos)).map((g) => g.qos), [qos]);
    for (const n of numbers) await writer.publish(topic, n, { qos });
    await writer.publish(topic, "end", { qos });
    assert.deepEqual(await texts(reader, topic), numbers);
    assert.ok(reader.came.filter((m) => m.topic === topic).every((m) => m.qos === qos));
  }
  await writer.publish(`room/${version}`, "one", { qos: 1, retain: true });
  await writer.publish(`room/${version}`, "two", { qos: 2, retain: true });
  const late = await open(`late${version}`, { version });
  await late.subscribe(`room/${version}`, 2);
  const kept = await late.saw((m) => m.topic === `room/${version}`);
  assert.deepEqual([kept.text, kept.retain], ["two", true]);
  for (const device of [reader, writer, late]) await device.leave();

  let sleeper = await open(`sleeper${version}`, { version, keeps: true });
  await sleeper.subscribe(`news/${version}`, 2);
  await sleeper.leave();
  const press = await open(`press${version}`, { version });
  for (const n of numbers) await press.publish(`news/${version}`, n, { qos: 2 });
  await press.publish(`news/${version}`, "end", { qos: 2 });
  sleeper = await open(`sleeper${version}`, { version, keeps: true });
  assert.equal(sleeper.connack.sessionPresent, true);
  assert.deepEqual(await texts(sleeper, `news/${version}`), numbers);
  await Promise.all([sleeper.leave(), press.leave()]);
}

// ---- A shared subscription: each message to one of them. ----
const crew = [];
for (const n of [0, 1, 2]) {
  crew.push(await open(`worker${n}`));
  await crew[n].subscribe("$share/crew/work", 1);
}
const boss = await open("boss");
for (const n of numbers) await boss.publish("work", n);
const done = await Promise.all(numbers.map((n) => Promise.race(crew.map((worker) => worker.saw((m) => m.text === n)))));
assert.equal(done.length, numbers.length);
assert.equal(crew.reduce((sum, worker) => sum + worker.came.length, 0), numbers.length);
assert.ok(crew.every((worker) => worker.came.length > 3));

// ---- Topic aliases, from the client and from the server. ----
const short = await open("short", { autoAssignTopicAlias: true });
const listener = await open("listener", { properties: { topicAliasMaximum: 4 } });
const told = { short: [], listener: [] };
short.client.on("packetsend", (packet) => packet.cmd === "publish" && told.short.push(packet.properties?.topicAlias));
listener.client.on("packetreceive", (packet) => packet.cmd === "publish" && told.listener.push(packet.properties?.topicAlias));
await listener.subscribe("a/long/name/#", 1);
for (const n of numbers) await short.publish(`a/long/name/${n % 6}`, n);
await short.publish("a/long/name/end", "end");
await texts(listener, "a/long/name/end");
assert.deepEqual(listener.came.map((m) => [m.topic, m.text]).slice(0, -1), numbers.map((n) => [`a/long/name/${n % 6}`, n]));
assert.ok(told.short.every((alias) => alias > 0) && new Set(told.short).size === 7, `${told.short}`);
assert.ok(told.listener.every((alias) => alias >= 1 && alias <= 4) && new Set(told.listener).size === 4, `${told.listener}`);

// ---- Properties, there and whole; a will. ----
await listener.subscribe("with/properties", 2);
const properties = { contentType: "text/plain", responseTopic: "answers", correlationData: Buffer.from([0, 1]),
  userProperties: { a: ["1", "2"] }, messageExpiryInterval: 100, payloadFormatIndicator: true };
await short.publish("with/properties", "whole", { qos: 2, properties });
const whole = (await listener.saw((m) => m.text === "whole")).properties;
for (const name of ["contentType", "responseTopic", "correlationData", "payloadFormatIndicator"]) {
  assert.deepEqual(whole[name], properties[name], name);
}
assert.deepEqual({ ...whole.userProperties }, properties.userProperties);
assert.ok(whole.messageExpiryInterval <= 100);
const dying = await open("dying", { will: { topic: "gone/dying", payload: "farewell", qos: 1, properties: { willDelayInterval: 0 } } });
await listener.subscribe("gone/#", 1);
dying.client.stream.destroy();
await listener.saw((m) => m.topic === "gone/dying" && m.text === "farewell");

for (const device of [...crew, boss, short, listener]) await device.leave();
clearTimeout(DEADLINE);
console.log("ok");
