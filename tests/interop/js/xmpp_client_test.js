// @xmpp/client: a talk over STARTTLS and over direct TLS, the certificate checked; copies; the archive.
import { webcrypto } from "node:crypto";
import assert from "node:assert/strict";

globalThis.crypto ??= webcrypto; // Node 18 has it elsewhere

const { client, xml } = await import("@xmpp/client");

const DEADLINE = setTimeout(() => { console.error("nothing came for too long"); process.exit(1); }, 60_000);

class Person {
  constructor(name, resource, service) {
    this.xmpp = client({ service, domain: "localhost", username: name, password: `${name}-secret`, resource });
    this.stanzas = [];
    this.waiting = [];
    this.xmpp.on("error", (error) => console.error(name, error.message));
    this.xmpp.on("stanza", (stanza) => { this.stanzas.push(stanza); this.look(); });
  }
  look() {
    this.waiting = this.waiting.filter(({ matches, resolve }) => {
      const at = this.stanzas.findIndex(matches);
      if (at < 0) return true;
      resolve(this.stanzas.splice(at, 1)[0]);
      return false;
    });
  }
  // The first stanza that matches, come or to come.
  saw(matches) {
    return new Promise((resolve) => { this.waiting.push({ matches, resolve }); this.look(); });
  }
  message(body) {
    return this.saw((s) => s.is("message") && s.getChildText("body") === body);
  }
  async come() {
    await this.xmpp.start();
    await this.xmpp.iqCaller.request(xml("iq", { type: "set" }, xml("enable", "urn:xmpp:carbons:2")));
    await this.xmpp.send(xml("presence"));
    return this;
  }
  say(to, body, id) {
    return this.xmpp.send(xml("message", { to, type: "chat", id }, xml("body", {}, body)));
  }
  // Bodies of the whole archive, in pages.
  async history() {
    const bodies = [];
    for (let after = ""; ; ) {
      const set = xml("set", "http://jabber.org/protocol/rsm", xml("max", {}, "2"));
      if (after) set.append(xml("after", {}, after));
      const answer = await this.xmpp.iqCaller.request(xml("iq", { type: "set" }, xml("query", "urn:xmpp:mam:2", set)));
      for (const stanza of this.stanzas.filter((s) => s.getChild("result", "urn:xmpp:mam:2"))) {
        bodies.push(stanza.getChild("result").getChild("forwarded").getChild("message").getChildText("body"));
      }
      this.stanzas = this.stanzas.filter((s) => !s.getChild("result", "urn:xmpp:mam:2"));
      const fin = answer.getChild("fin");
      if (fin.attrs.complete === "true") return bodies;
      after = fin.getChild("set").getChildText("last");
    }
  }
}

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
