// What the modules share: their events, and UiModulesConnector, which brings the UI connector's events and Dialogflow's answers.
// Socket.IO 5 over one WebSocket is all that is needed here.
(() => {
  const FONT = "https://fonts.googleapis.com/css2?family=Roboto:wght@400;500&display=swap";
  const API_VERSION = "v2beta1";
  const ENGINE_OPEN = "0";
  const ENGINE_PING = "2";
  const ENGINE_PONG = "3";
  const CONNECT = "40";
  const EVENT = "42";
  const ACK = "43";
  const REFUSED = "44";
  const DEFAULT_OPTIONS = {};

  window._uiModuleEventTarget ??= document.createElement("div");
  const named = (name, { namespace } = DEFAULT_OPTIONS) => (namespace ? `${namespace}:${name}` : name);
  window.addAgentAssistEventListener = (name, listener, options) =>
    window._uiModuleEventTarget.addEventListener(named(name, options), listener);
  window.removeAgentAssistEventListener = (name, listener, options) =>
    window._uiModuleEventTarget.removeEventListener(named(name, options), listener);
  window.dispatchAgentAssistEvent = (name, payload, options) =>
    window._uiModuleEventTarget.dispatchEvent(new CustomEvent(named(name, options), payload));

  class UiModulesConnector {
    #config = null;
    #acknowledged = new Map();
    #next = 0;
    #socket = null;
    #token = "";

    init(config) {
      this.#config = config;
      this.#token = config.apiConfig.authToken;
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: FONT }));
      this.#start().catch((error) => {
        console.error(error);
        this.#announce("event-based-connector-initialization-failed", { message: error.message });
      });
    }

    setAuthToken(token) {
      this.#token = token;
    }

    disconnect() {
      this.#socket?.close();
    }

    async #start() {
      const { channel, conversationProfileName, uiModuleEventOptions } = this.#config;
      this.#announce("conversation-profile-received", await this.#get(conversationProfileName));
      const selected = ({ detail }) => this.#select(detail.conversationName).catch((error) => console.error(error));
      window.addAgentAssistEventListener("active-conversation-selected", selected, uiModuleEventOptions);
      if (channel !== "voice") {
        this.#announce("api-connector-initialized", {});
        return;
      }
      await this.#connect();
      this.#announce("event-based-connector-initialized", {});
    }

    // Joins the conversation's room, then asks for what was said before.
    async #select(conversation) {
      if (this.#socket) {
        const [joined] = await this.#ask("join-conversation", conversation);
        if (!joined) throw new Error(`The UI connector did not let us join ${conversation}`);
      }
      const { messages = [] } = await this.#get(`${conversation}/messages`);
      for (const message of messages.reverse()) this.#announce("new-message-received", message);
    }

    async #get(name) {
      const { customApiEndpoint } = this.#config.apiConfig;
      const headers = { "Content-Type": "application/json", Authorization: this.#token };
      const answer = await fetch(`${customApiEndpoint}/${API_VERSION}/${name}`, { headers });
      if (!answer.ok) throw new Error(`Dialogflow answered ${answer.status} for ${name}`);
      return answer.json();
    }

    #connect() {
      const endpoint = this.#config.eventBasedConfig.notifierServerEndpoint;
      this.#socket = new WebSocket(`${endpoint.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`);
      return new Promise((resolve, reject) => {
        this.#socket.onerror = () => reject(new Error("The UI connector's WebSocket cannot be reached"));
        this.#socket.onclose = () => reject(new Error("The UI connector closed the WebSocket"));
        this.#socket.onmessage = ({ data }) => this.#receive(data, resolve, reject);
      });
    }

    #receive(packet, resolve, reject) {
      if (packet.startsWith(REFUSED)) reject(new Error(JSON.parse(packet.slice(2)).message));
      else if (packet.startsWith(CONNECT)) resolve();
      else if (packet.startsWith(EVENT)) this.#hear(...JSON.parse(packet.slice(2)));
      else if (packet.startsWith(ACK)) this.#settle(packet.slice(2));
      else if (packet === ENGINE_PING) this.#socket.send(ENGINE_PONG);
      else if (packet.startsWith(ENGINE_OPEN)) this.#socket.send(CONNECT + JSON.stringify({ token: this.#token }));
    }

    #hear(event, envelope) {
      const data = typeof envelope?.data === "string" ? JSON.parse(envelope.data) : envelope;
      if (event === "new-message-event") this.#announce("new-message-received", data.newMessagePayload);
      else if (event === "human-agent-assistant-event") this.#announce("suggestions-received", data);
      else if (event === "conversation-lifecycle-event") this.#lifecycle(data);
      else if (event === "new-recognition-result-notification-event") {
        const result = { ...data.newRecognitionResultPayload, participantRole: envelope.participant_role };
        this.#announce("new-recognition-result-received", result);
      }
    }

    #lifecycle(data) {
      this.#announce("conversation-lifecycle-received", data);
      if (data.type === "CONVERSATION_FINISHED") this.#announce("conversation-completed", data);
    }

    #announce(name, detail) {
      window.dispatchAgentAssistEvent(name, { detail }, this.#config.uiModuleEventOptions);
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
  }

  window.UiModulesConnector = UiModulesConnector;
})();
