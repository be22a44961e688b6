// The UI connector as the component uses it: one token, one look-up, one conversation.

const API_VERSION = "v2beta1";
const FIRST_ANSWER_MS = 5000;
const LATER_ANSWER_MS = 9900;
const FIRST_WAIT_MS = 1000;
const WAIT_GROWTH_MS = 900;
const LONGEST_WAIT_MS = 10000;
const RENEW_BEFORE_SECONDS = 60;
const EXISTS_TRIES = 15;
const EXISTS_WAIT_MS = 100;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export default class ConnectorClient {
  token = null;
  stopped = false;

  constructor(endpoint, key, secret) {
    this.endpoint = endpoint;
    this.credentials = { grant_type: "client_credentials", client_id: key, client_secret: secret };
  }

  stop() {
    this.stopped = true;
  }

  // Salesforce's token for the OAuth app, exchanged for the connector's own.
  async register() {
    const granted = await fetch(`/services/oauth2/token?${new URLSearchParams(this.credentials)}`);
    if (!granted.ok) throw new Error(`Salesforce refused the OAuth app: ${granted.status}`);
    const { access_token: accessToken } = await granted.json();
    const registered = await fetch(`${this.endpoint}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` }
    });
    if (!registered.ok) throw new Error(`The UI connector refused the registration: ${registered.status}`);
    this.token = (await registered.json()).token;
  }

  async renewWhenNearlyExpired() {
    const claims = JSON.parse(atob(this.token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    if (claims.exp - Date.now() / 1000 < RENEW_BEFORE_SECONDS) await this.register();
  }

  // The name of the conversation that goes on with this phone; waits for it for as long as the page is open.
  async liveConversation(phone) {
    let timeout = FIRST_ANSWER_MS;
    for (let wait = FIRST_WAIT_MS; !this.stopped; wait = Math.min(wait + WAIT_GROWTH_MS, LONGEST_WAIT_MS)) {
      const name = await this.conversationName(phone, timeout);
      if (name) {
        if ((await this.lifecycle(name)) !== "COMPLETED") return name;
        await this.forget(phone);
      }
      timeout = LATER_ANSWER_MS;
      await pause(wait);
    }
    throw new Error("The page was closed");
  }

  async conversationName(phone, timeout) {
    const answer = await this.call("GET", `/conversation-name?conversationIntegrationKey=${phone}`, timeout);
    if (answer.status === 404) return "";
    if (!answer.ok) throw new Error(`The UI connector refused the look-up: ${answer.status}`);
    return (await answer.json()).conversationName;
  }

  // Returns once Dialogflow knows the conversation: the phone rings a moment before it does.
  async existing(name) {
    for (let tried = 1; tried <= EXISTS_TRIES && !this.stopped; tried++) {
      const answer = await this.call("GET", `/${API_VERSION}/${name}`, LATER_ANSWER_MS);
      if (answer.ok) return;
      await pause(tried * EXISTS_WAIT_MS);
    }
    throw new Error(`Dialogflow does not know ${name}`);
  }

  async lifecycle(name) {
    const answer = await this.call("GET", `/${API_VERSION}/${name}`, LATER_ANSWER_MS);
    return (await answer.json()).lifecycleState;
  }

  forget(phone) {
    return this.call("DELETE", `/conversation-name?conversationIntegrationKey=${phone}`, LATER_ANSWER_MS);
  }

  call(method, path, timeout) {
    return fetch(this.endpoint + path, {
      method,
      headers: { "Content-Type": "application/json", Authorization: this.token },
      signal: AbortSignal.timeout(timeout)
    });
  }
}
