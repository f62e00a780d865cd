// @xmpp/client: a talk over STARTTLS and over direct TLS, the certificate checked; copies; the archive.
import assert from "node:assert/strict";

import { Person } from "./xmpp_person.js";

const DEADLINE = setTimeout(() => { console.error("nothing came for too long"); process.exit(1); }, 60_000);

const plain = `xmpp://localhost:${process.env.XMPP_PORT}`;
const direct = `xmpps://localhost:${process.env.XMPPS_PORT}`;
const laptop = await new Person("alice", "laptop", plain).come();
const phone = await new Person("alice", "phone", direct).come();
const bob = await new Person("bob", "desk", direct).come();

await laptop.say("bob@localhost", "hello from the laptop 你好", "m1");
assert.equal((await bob.message("hello from the laptop 你好")).attrs.from, "alice@localhost/laptop");
const sent = await phone.saw((s) => s.getChild("sent", "urn:xmpp:carbons:2"));
assert.equal(sent.getChild("sent").getChild("forwarded").getChild("message").getChildText("body"), "hello from the laptop 你好");

await bob.say("alice@localhost/phone", "to the phone", "b1");
await phone.message("to the phone");
await laptop.saw((s) => s.getChild("received", "urn:xmpp:carbons:2"));

for (let n = 0; n < 5; n++) await bob.say("alice@localhost", `line ${n}`, `l${n}`);
await laptop.message("line 4");
const all = ["hello from the laptop 你好", "to the phone", "line 0", "line 1", "line 2", "line 3", "line 4"];
for (const person of [laptop, phone, bob]) assert.deepEqual(await person.history(), all);

for (const person of [laptop, phone, bob]) await person.xmpp.stop();
clearTimeout(DEADLINE);
console.log("ok");
