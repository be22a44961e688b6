/**
 * Tells the UI connector which conversation belongs to a caller, so that the agent's desk finds it by phone number.
 *
 * A protected Twilio Function: only Studio (or another signed Twilio request) can run it. It replaces the guide's
 * `register_twilio` widget and its public Function: the account's credentials stay here and never enter a flow.
 *
 * Parameters (from the flow's Run Function widget)
 *   phone             the caller as `trigger.call.From` has it, for example +15550104477
 *   conversationName  projects/<project>/locations/<location>/conversations/<id>
 * Context (environment variables of the Function service)
 *   UI_CONNECTOR_URL          https URL of the connector; http only for this machine
 *   ACCOUNT_SID, AUTH_TOKEN   put in by Twilio while the service includes credentials
 *   UI_CONNECTOR_ACCOUNT_SID, UI_CONNECTOR_AUTH_TOKEN   optional, both: another pair of credentials to show instead
 *
 * Answers JSON, always: 200 {"ok": true, "conversationName"} or an error status {"ok": false, "error"}, which Studio
 * takes as `success` or `fail`; the flow goes on to the agent either way. No answer and no log line holds a phone
 * number, token or credential.
 */

"use strict";

// Studio gives up after ten seconds; both calls together must end well before that.
const REGISTER_MS = 4000;
const NAME_MS = 3000;

const CONVERSATION =
  /^projects\/[a-z][a-z0-9.:-]*\/locations\/[a-z0-9-]+\/conversations\/[a-zA-Z][a-zA-Z0-9_-]{2,63}$/;
// What Twilio writes into From when the caller is withheld: the words, or the same words dialled on a keypad.
const WITHHELD = new Set(["266696687", "7378742883", "2562533", "8656696", "86282452253"]);
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

exports.handler = async function handler(context, event, callback) {
  try {
    const conversationName = await announce(context, event);
    callback(null, answer(200, { ok: true, conversationName }));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, `unexpected ${error.name}`);
    console.error(`conversation-name: ${refusal.message}`);
    callback(null, answer(refusal.status, { ok: false, error: refusal.message }));
  }
};

async function announce(context, event) {
  const connector = connectorUrl(context.UI_CONNECTOR_URL);
  const credentials = credentialsOf(context);
  const key = phoneKey(event.phone);
  const conversationName = nameOf(event.conversationName);
  const registered = await post(connector, "register-app", REGISTER_MS, {}, credentials);
  if (typeof registered?.token !== "string" || registered.token === "") {
    throw new Refusal(502, "register-app answered without a token");
  }
  const body = { conversationIntegrationKey: key, conversationName };
  await post(connector, "conversation-name", NAME_MS, { Authorization: registered.token }, body);
  return conversationName;
}

/** The connector's base URL. It comes from the environment only: a URL in the request could send credentials anywhere. */
function connectorUrl(value) {
  let url;
  try {
    url = new URL(value);
  } catch {
    throw new Refusal(500, "UI_CONNECTOR_URL is not a URL; it must look like https://host");
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.has(url.hostname))) {
    throw new Refusal(500, "UI_CONNECTOR_URL must begin with https://");
  }
  if (!url.pathname.endsWith("/")) {
    url.pathname += "/";
  }
  return url;
}

function credentialsOf(context) {
  const own = [context.UI_CONNECTOR_ACCOUNT_SID, context.UI_CONNECTOR_AUTH_TOKEN];
  const [accountSid, authToken] = own[0] && own[1] ? own : [context.ACCOUNT_SID, context.AUTH_TOKEN];
  if (!accountSid || !authToken) {
    throw new Refusal(500, "no credentials: the Function service must include them (IncludeCredentials)");
  }
  return { accountSid, authToken };
}

/** Digits only: the key by which the connector and the agent's desk know a caller. */
function phoneKey(value) {
  const digits = typeof value === "string" ? value.replace(/\D/g, "") : "";
  if (digits === "" || WITHHELD.has(digits)) {
    throw new Refusal(422, "the caller is withheld: there is no number to find the conversation by");
  }
  if (!/^\+?[\d\s().-]+$/.test(value) || digits.length < 7 || digits.length > 15) {
    throw new Refusal(400, "phone is not a telephone number");
  }
  return digits;
}

function nameOf(value) {
  if (typeof value !== "string" || !CONVERSATION.test(value)) {
    throw new Refusal(400, "conversationName must look like projects/P/locations/L/conversations/ID");
  }
  return value;
}

async function post(base, path, milliseconds, headers, body) {
  let response;
  try {
    response = await fetch(new URL(path, base), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      // A redirect would carry the credentials to another host.
      redirect: "error",
      signal: AbortSignal.timeout(milliseconds),
    });
    if (response.ok) {
      return await response.json();
    }
  } catch (error) {
    if (error.name === "TimeoutError") {
      throw new Refusal(504, `${path} took longer than ${milliseconds} ms`);
    }
    throw new Refusal(502, error instanceof SyntaxError ? `${path} answered without JSON` : `${path} cannot be reached`);
  }
  // The rest of the answer is not wanted; cancelling frees the connection.
  await response.body?.cancel();
  throw new Refusal(502, `${path} answered ${response.status}`);
}

function answer(status, body) {
  const response = new Twilio.Response();
  response.setStatusCode(status);
  response.appendHeader("Content-Type", "application/json");
  response.setBody(body);
  return response;
}
