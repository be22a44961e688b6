/**
 * The Function against real HTTP servers on this machine. What must hold: the connector learns the conversation under
 * the caller's digits, Studio gets a status that tells success from failure, and nothing secret leaves.
 */

"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const { randomBytes } = require("node:crypto");
const { after, beforeEach, describe, test } = require("node:test");

const { handler } = require("./conversation-name.js");

/** As much of Twilio's global as a Function's answer needs. */
global.Twilio = {
  Response: class {
    statusCode = 200;
    headers = {};
    body = null;
    setStatusCode(status) {
      this.statusCode = status;
    }
    appendHeader(name, value) {
      this.headers[name] = value;
    }
    setBody(body) {
      this.body = body;
    }
  },
};

const NAME = "projects/my-project/locations/global/conversations/TW-15550104477-CA" + "0".repeat(32);
const ACCOUNT = "AC" + randomBytes(16).toString("hex");
const AUTH_TOKEN = randomBytes(16).toString("hex");
const JWT = randomBytes(24).toString("hex");
const PHONE = "+15550104477";

/** A UI connector with the two routes; `routes` replaces one of them. */
async function connector(routes = {}) {
  const calls = [];
  const usual = {
    "/register-app": (call) =>
      call.body.accountSid === ACCOUNT && call.body.authToken === AUTH_TOKEN ? [200, { token: JWT }] : [401, {}],
    "/conversation-name": (call) =>
      call.headers.authorization === JWT
        ? [200, { [call.body.conversationIntegrationKey]: call.body.conversationName }]
        : [401, { message: "Failed to parse your token." }],
  };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const call = { path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString() || "{}") };
      calls.push(call);
      const route = { ...usual, ...routes }[request.url] ?? (() => [404, {}]);
      const result = route(call);
      if (result) {
        const [status, body, headers] = result;
        response.writeHead(status, { "Content-Type": "application/json", ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      }
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  opened.push(close);
  return { url: `http://127.0.0.1:${server.address().port}`, calls };
}

const opened = [];
const logged = [];
const consoleError = console.error;

beforeEach(() => {
  logged.length = 0;
  console.error = (...words) => logged.push(words.join(" "));
});

after(async () => {
  console.error = consoleError;
  await Promise.all(opened.map((close) => close()));
});

async function run(context, event) {
  const response = await new Promise((done, fail) =>
    handler(context, event, (error, result) => (error ? fail(error) : done(result))),
  );
  assert.equal(response.headers["Content-Type"], "application/json");
  const told = JSON.stringify(response.body) + logged.join("\n");
  for (const secret of [AUTH_TOKEN, JWT, ACCOUNT, "15550104477"]) {
    // A conversation's name holds the number by design; nothing else may.
    assert.ok(!told.replaceAll(NAME, "").includes(secret), "an answer or a log line holds something private");
  }
  return { status: response.statusCode, ...response.body };
}

function context(url, more = {}) {
  return { UI_CONNECTOR_URL: url, ACCOUNT_SID: ACCOUNT, AUTH_TOKEN, ...more };
}

const EVENT = { phone: PHONE, conversationName: NAME };

describe("a caller with a number", () => {
  test("is announced to the connector under its digits", async () => {
    const { url, calls } = await connector();
    assert.deepEqual(await run(context(url), EVENT), { status: 200, ok: true, conversationName: NAME });
    assert.deepEqual(calls.map((call) => call.path), ["/register-app", "/conversation-name"]);
    assert.deepEqual(calls[1].body, { conversationIntegrationKey: "15550104477", conversationName: NAME });
  });

  for (const phone of ["15550104477", "+1 (555) 010-4477", " 15550104477", "1.555.010.4477"]) {
    test(`written as "${phone}" has the same key`, async () => {
      const { url, calls } = await connector();
      assert.equal((await run(context(url), { ...EVENT, phone })).ok, true);
      assert.equal(calls[1].body.conversationIntegrationKey, "15550104477");
    });
  }

  test("is announced below a base path and with a trailing slash", async () => {
    const { url, calls } = await connector({
      "/base/register-app": () => [200, { token: JWT }],
      "/base/conversation-name": () => [200, {}],
    });
    assert.equal((await run(context(`${url}/base/`), EVENT)).ok, true);
    assert.deepEqual(calls.map((call) => call.path), ["/base/register-app", "/base/conversation-name"]);
  });

  test("explicit credentials win over the account's own", async () => {
    const { url, calls } = await connector({ "/register-app": () => [200, { token: JWT }] });
    const own = { UI_CONNECTOR_ACCOUNT_SID: "SK" + "1".repeat(32), UI_CONNECTOR_AUTH_TOKEN: randomBytes(8).toString("hex") };
    assert.equal((await run(context(url, own), EVENT)).ok, true);
    assert.deepEqual(calls[0].body, { accountSid: own.UI_CONNECTOR_ACCOUNT_SID, authToken: own.UI_CONNECTOR_AUTH_TOKEN });
  });
});

describe("a caller without a number", () => {
  for (const phone of [undefined, "", "anonymous", "Restricted", "+266696687", "+7378742883", "+2562533"]) {
    test(`From ${JSON.stringify(phone)} fails without a call to the connector`, async () => {
      const { url, calls } = await connector();
      const result = await run(context(url), { ...EVENT, phone });
      assert.equal(result.status, 422);
      assert.equal(result.ok, false);
      assert.deepEqual(calls, []);
    });
  }

  for (const phone of ["sip:+15550104477@example.com", "client:agent1234567", "12345", "1".repeat(16)]) {
    test(`From ${JSON.stringify(phone)} is not a telephone number`, async () => {
      const { url, calls } = await connector();
      assert.equal((await run(context(url), { ...EVENT, phone })).status, 400);
      assert.deepEqual(calls, []);
    });
  }
});

describe("the connector's address", () => {
  test("is never taken from the request", async () => {
    const mine = await connector();
    const evil = await connector();
    const event = { ...EVENT, endpoint: evil.url, UI_CONNECTOR_URL: evil.url, token: "x" };
    assert.equal((await run(context(mine.url), event)).ok, true);
    assert.deepEqual(evil.calls, []);
  });

  for (const url of [undefined, "", "connector.example.run.app", "http://connector.example.run.app", "ftp://127.0.0.1/", "http://127.0.0.1.example.com"]) {
    test(`${JSON.stringify(url)} is refused`, async () => {
      const result = await run(context(url), EVENT);
      assert.equal(result.status, 500);
      assert.match(result.error, /UI_CONNECTOR_URL/);
    });
  }

  test("a redirect is not followed, it would take the credentials along", async () => {
    const elsewhere = await connector();
    const { url } = await connector({ "/register-app": () => [307, {}, { Location: `${elsewhere.url}/register-app` }] });
    assert.equal((await run(context(url), EVENT)).status, 502);
    assert.deepEqual(elsewhere.calls, []);
  });
});

describe("bad input", () => {
  for (const conversationName of [undefined, "", "x", "projects/p/conversations/TW-1-CA", `${NAME}/../x`, NAME + "x".repeat(40)]) {
    test(`conversationName ${JSON.stringify(conversationName)} is refused`, async () => {
      const { url, calls } = await connector();
      assert.equal((await run(context(url), { ...EVENT, conversationName })).status, 400);
      assert.deepEqual(calls, []);
    });
  }

  test("a service that does not include credentials says so", async () => {
    const { url, calls } = await connector();
    const result = await run({ UI_CONNECTOR_URL: url }, EVENT);
    assert.equal(result.status, 500);
    assert.match(result.error, /IncludeCredentials/);
    assert.deepEqual(calls, []);
  });
});

describe("when the connector fails, Studio takes the fail branch", () => {
  const failures = {
    "refuses the credentials": [{ "/register-app": () => [401, {}] }, 502, /register-app answered 401/],
    "answers without a token": [{ "/register-app": () => [200, {}] }, 502, /without a token/],
    "answers null": [{ "/register-app": () => [200, "null"] }, 502, /without a token/],
    "answers something else than JSON": [{ "/register-app": () => [200, "<html>"] }, 502, /without JSON/],
    "refuses the name": [{ "/conversation-name": () => [401, { message: JWT }] }, 502, /conversation-name answered 401/],
    "breaks at the name": [{ "/conversation-name": () => [500, "oops"] }, 502, /conversation-name answered 500/],
  };
  for (const [what, [routes, status, error]] of Object.entries(failures)) {
    test(`it ${what}`, async () => {
      const { url } = await connector(routes);
      const result = await run(context(url), EVENT);
      assert.equal(result.status, status);
      assert.equal(result.ok, false);
      assert.match(result.error, error);
    });
  }

  test("it is not there", async () => {
    const gone = await connector();
    await opened.pop()();
    const result = await run(context(gone.url), EVENT);
    assert.equal(result.status, 502);
    assert.match(result.error, /cannot be reached/);
  });

  test("it never answers: both calls together stay below Studio's ten seconds", async () => {
    const began = Date.now();
    const { url } = await connector({ "/conversation-name": () => null });
    const result = await run(context(url), EVENT);
    assert.equal(result.status, 504);
    const register = await connector({ "/register-app": () => null });
    assert.equal((await run(context(register.url), EVENT)).status, 504);
    assert.ok(Date.now() - began < 9000);
  });
});
