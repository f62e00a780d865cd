// @xmpp/client as a person's device: what came and was not looked at yet, and waiting for what is to come.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18 has it elsewhere

const { client, xml } = await import("@xmpp/client");

export class Person {
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
