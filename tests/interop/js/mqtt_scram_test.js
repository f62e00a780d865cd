// SCRAM-SHA-256 (RFC 5802, RFC 7677) by MQTT 5's AUTH, with mqtt.js's own hook for it; over TCP, TLS and WebSocket.
import assert from "node:assert/strict";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

import { Device, deadline } from "./mqtt_device.js";

const DEADLINE = deadline(60);
const METHOD = "SCRAM-SHA-256";
const ports = process.env;

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const xor = (a, b) => Buffer.from(a.map((byte, at) => byte ^ b[at]));

class Scram {
  constructor(name, password) {
    this.password = password;
    this.nonce = randomBytes(18).toString("base64");
    this.bare = `n=${name.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${this.nonce}`;
  }
  get first() { return Buffer.from(`n,,${this.bare}`); }
  // The last word to what the server asked; afterwards `verifier` is what it has to answer.
  answer(challenge) {
    const parts = Object.fromEntries(challenge.split(",").map((part) => [part[0], part.slice(2)]));
    assert.ok(parts.r.startsWith(this.nonce) && parts.r.length > this.nonce.length, "the server adds to the nonce");
    assert.ok(Number(parts.i) >= 4096);
    const salted = pbkdf2Sync(this.password, Buffer.from(parts.s, "base64"), Number(parts.i), 32, "sha256");
    const key = hmac(salted, "Client Key");
    const final = `c=biws,r=${parts.r}`;
    const all = `${this.bare},${challenge},${final}`;
    const proof = xor(key, hmac(createHash("sha256").update(key).digest(), all));
    this.verifier = `v=${hmac(hmac(salted, "Server Key"), all).toString("base64")}`;
    return Buffer.from(`${final},p=${proof.toString("base64")}`);
  }
}

// A device that proves itself so; `waits`: only when the server asks for it (MQTT 5 §4.12).
function device(url, name, { password = `${name}-secret`, clientId = "scram", waits = false, change = (data) => data } = {}) {
  const scram = new Scram(name, password);
  const properties = { authenticationMethod: METHOD, ...(waits ? {} : { authenticationData: scram.first }) };
  const one = new Device(url, null, clientId, { properties });
  one.scram = scram;
  one.client.handleAuth = (packet, callback) => {
    assert.equal(packet.properties.authenticationMethod, METHOD);
    const asked = packet.properties.authenticationData?.toString() ?? "";
    const authenticationData = asked === "" ? scram.first : change(scram.answer(asked));
    callback(null, { cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: METHOD, authenticationData } });
  };
  return one;
}

const tcp = `mqtt://localhost:${ports.MQTT_PORT}`;
for (const url of [tcp, `mqtts://localhost:${ports.MQTTS_PORT}`, `ws://localhost:${ports.HTTP_PORT}/mqtt`,
                   `mqtt://localhost:${ports.MQTT_OPEN_PORT}`]) {
  for (const waits of [false, true]) {
    const one = device(url, "alice", { waits });
    const { properties } = await one.connect();
    assert.equal(properties.authenticationMethod, METHOD);
    assert.equal(properties.authenticationData.toString(), one.scram.verifier, "the server knows the password, too");
    await one.leave();
  }
}

// It is the account's session: what it says comes from there.
const alice = device(tcp, "alice");
await alice.connect();
const bob = await new Device(tcp, "bob", "desk").come();
await alice.publish("im/u/bob/msg", "proved");
assert.equal((await bob.told("im/u/bob/msg", { body: "proved" })).from, "alice@localhost/scram");

// ---- Refusals: a password, a name, a proof, a nonce of somebody else. ----
await assert.rejects(device(tcp, "alice", { password: "guess" }).connect(), { code: 0x86 });
await assert.rejects(device(tcp, "nobody").connect(), { code: 0x86 });
const spoil = (data) => Buffer.from(data.toString().replace(/p=.{4}/, "p=AAAA"));
await assert.rejects(device(tcp, "alice", { change: spoil }).connect(), { code: 0x86 });
const steal = (data) => Buffer.from(data.toString().replace(/r=[^,]*/, `r=${randomBytes(24).toString("base64")}`));
await assert.rejects(device(tcp, "alice", { change: steal }).connect(), (error) => [0x86, 0x87].includes(error.code));
const unknown = new Device(tcp, null, "x", { properties: { authenticationMethod: "SCRAM-SHA-1", authenticationData: Buffer.from("n,,") } });
await assert.rejects(unknown.connect(), { code: 0x8c });
// None of it disturbed the one who is there.
await alice.publish("im/u/bob/msg", "still here");
await bob.told("im/u/bob/msg", { body: "still here" });

await Promise.all([alice.leave(), bob.leave()]);
clearTimeout(DEADLINE);
console.log("ok");
