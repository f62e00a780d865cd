// mqtt.js as somebody's device: what came and was not looked at yet, and waiting for what is to come.
import mqtt from "mqtt";

export const V5 = 5;
export const V311 = 4;

export class Device {
  // `options` are mqtt.js's. Without a name it is nobody.
  constructor(url, name, clientId, { version = V5, keeps = false, properties = {}, ...options } = {}) {
    if (version === V5 && keeps) properties.sessionExpiryInterval = 3600;
    this.client = mqtt.connect(url, {
      clientId, protocolVersion: version, clean: !keeps, manualConnect: true, reconnectPeriod: 0, connectTimeout: 20_000,
      ...(name ? { username: name, password: `${name}-secret` } : {}), ...(version === V5 ? { properties } : {}), ...options });
    this.came = []; // everything, as {topic, text, retain, qos, properties}
    this.messages = []; // what was not looked at yet
    this.waiting = [];
    this.client.on("message", (topic, payload, packet) => {
      const message = { topic, text: payload.toString(), retain: packet.retain, qos: packet.qos, properties: packet.properties };
      this.came.push(message);
      this.messages.push(message);
      this.look();
    });
  }
  look() {
    this.waiting = this.waiting.filter(({ matches, resolve }) => {
      const at = this.messages.findIndex(matches);
      if (at < 0) return true;
      resolve(this.messages.splice(at, 1)[0]);
      return false;
    });
  }
  // The first message that matches, come or to come.
  saw(matches) {
    return new Promise((resolve) => { this.waiting.push({ matches, resolve }); this.look(); });
  }
  // What a topic with this ending says, as an object that has these members.
  async told(ending, members = {}) {
    const fits = (m) => m.topic.endsWith(ending) && Object.entries(members).every(([k, v]) => JSON.parse(m.text)[k] === v);
    return JSON.parse((await this.saw(fits)).text);
  }
  // CONNACK, or the refusal as an error. Later errors are printed: a test that goes on without what it waits for ends there.
  connect() {
    return new Promise((resolve, reject) => {
      this.client.once("connect", (connack) => { this.connack = connack; resolve(connack); });
      this.client.on("error", (error) => { reject(error); if (this.connack && !this.left) console.error(error.message); });
      this.client.connect();
    });
  }
  // As somebody of the conversation: up to the end of what was missed.
  async come() {
    await this.connect();
    await this.told("/sync", { st: "end" });
    return this;
  }
  publish(topic, payload, options = { qos: 1 }) {
    return this.client.publishAsync(topic, typeof payload === "object" ? JSON.stringify(payload) : payload, options);
  }
  subscribe(filter, qos) {
    return this.client.subscribeAsync(filter, { qos });
  }
  leave() {
    this.left = true; // its stream may complain of what it had still wanted to write
    return this.client.endAsync();
  }
}

// Ends the script where what a promise waits for never comes.
export function deadline(seconds) {
  return setTimeout(() => { console.error("nothing came for too long"); process.exit(1); }, seconds * 1000);
}
