// The connection to the UI connector: Socket.IO 5 over one WebSocket, which is all that is needed here.
(() => {
  const modules = (window.agentAssistRehearsal ??= {});

  const ENGINE_OPEN = "0";
  const ENGINE_PING = "2";
  const ENGINE_PONG = "3";
  const CONNECT = "40";
  const EVENT = "42";
  const ACK = "43";
  const REFUSED = "44";

  modules.Connector = class {
    #listeners = [];
    #acknowledged = new Map();
    #next = 0;
    #socket = null;

    // token: a function, since the token is renewed while the page is open.
    constructor(endpoint, token) {
      this.url = `${endpoint.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
      this.token = token;
    }

    listen(listener) {
      this.#listeners.push(listener);
    }

    // Connects, joins the conversation's room and answers the room's name.
    async join(conversation) {
      await this.#connect();
      const [joined, room] = await this.#ask("join-conversation", conversation);
      if (!joined) throw new Error(`The UI connector did not let us join ${conversation}`);
      return room;
    }

    close() {
      this.#socket?.close();
    }

    #connect() {
      this.#socket = new WebSocket(this.url);
      return new Promise((resolve, reject) => {
        this.#socket.onerror = () => reject(new Error("The UI connector cannot be reached: is its wss URL trusted?"));
        this.#socket.onmessage = ({ data }) => this.#receive(data, resolve, reject);
      });
    }

    #receive(packet, resolve, reject) {
      if (packet.startsWith(REFUSED)) reject(new Error(JSON.parse(packet.slice(2)).message));
      else if (packet.startsWith(CONNECT)) resolve();
      else if (packet.startsWith(EVENT)) this.#announce(...JSON.parse(packet.slice(2)));
      else if (packet.startsWith(ACK)) this.#settle(packet.slice(2));
      else if (packet === ENGINE_PING) this.#socket.send(ENGINE_PONG);
      else if (packet.startsWith(ENGINE_OPEN)) this.#socket.send(CONNECT + JSON.stringify({ token: this.token() }));
    }

    #announce(event, envelope) {
      const data = typeof envelope?.data === "string" ? JSON.parse(envelope.data) : envelope;
      for (const listener of this.#listeners) listener(event, data);
    }

    #ask(event, argument) {
      const number = this.#next++;
      return new Promise((resolve) => {
        this.#acknowledged.set(number, resolve);
        this.#socket.send(`${EVENT}${number}${JSON.stringify([event, argument])}`);
      });
    }

    #settle(packet) {
      const [, number, values] = packet.match(/^(\d+)(.*)$/s);
      this.#acknowledged.get(Number(number))?.(JSON.parse(values));
      this.#acknowledged.delete(Number(number));
    }
  };
})();
