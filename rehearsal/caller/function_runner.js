// Runs one Twilio Function as Twilio's runtime does: exports.handler(context, event, callback).
// stdin: {"source", "path", "context", "event"}
// stdout: an empty line when the function begins; as the last one {"status", "headers", "body", "log": [[level, message]]}, and
// "error" in words where the function failed.
// Held to npm @twilio/runtime-handler by tests/contract/twilio.
"use strict";

const fs = require("fs");
const Module = require("module");

const COOKIES = "Set-Cookie";
const LEVELS = { log: "info", info: "info", debug: "info", warn: "warn", error: "error" };
const log = [];

// The answer has stdout for itself; what the function prints is its log.
const answer = process.stdout.write.bind(process.stdout);
for (const [name, level] of Object.entries(LEVELS)) {
  console[name] = (...words) => log.push([level, words.map(text).join(" ")]);
}

function text(word) {
  return typeof word === "string" ? word : word instanceof Error ? `${word.name}: ${word.message}` : JSON.stringify(word) ?? "undefined";
}

class Response {
  constructor({ statusCode = 200, body = null, headers = {} } = {}) {
    this.statusCode = statusCode;
    this.body = body;
    this.headers = { ...headers, [COOKIES]: [headers[COOKIES] ?? []].flat() };
  }
  setStatusCode(status) {
    this.statusCode = status;
    return this;
  }
  setBody(body) {
    this.body = body;
    return this;
  }
  setHeaders(headers) {
    this.headers = {};
    Object.entries(headers).forEach(([name, value]) => this.appendHeader(name, value));
    return this;
  }
  appendHeader(name, value) {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) throw new Error("Header value cannot be an object");
    const key = name.toLowerCase() === COOKIES.toLowerCase() ? COOKIES : name;
    const before = this.headers[key];
    this.headers[key] = before || key === COOKIES ? [before ?? [], value].flat() : value;
    this.headers[COOKIES] ??= [];
    return this;
  }
  setCookie(key, value, attributes = []) {
    return this.appendHeader(COOKIES, [`${key}=${value}`, ...attributes].join(";"));
  }
  removeCookie(key) {
    this.headers[COOKIES] = this.headers[COOKIES].filter((each) => !each.startsWith(`${key}=`)).concat(`${key}=;Max-Age=0`);
    return this;
  }
}

let finished = false;
function finish(status, headers, value, error) {
  if (finished) return;
  finished = true;
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const structured = value !== null && typeof value === "object";
  const type = typed || value === null || value === undefined ? {} : { "Content-Type": structured ? "application/json" : "text/html" };
  const body = structured ? JSON.stringify(value) : String(value ?? "");
  answer(`${JSON.stringify({ status, headers: { ...type, ...headers }, body, log, error })}\n`, () => process.exit(0));
}

function failed(error) {
  const json = { "Content-Type": "application/json" };
  if (!(error instanceof Error)) return finish(500, json, { message: JSON.stringify(error), name: "NonError" }, text(error));
  const cause = error.cause ? `: ${error.cause.message || error.cause.code || error.cause}` : "";
  return finish(500, json, { message: error.message, name: error.name }, `${error.name}: ${error.message}${cause}`);
}

function callback(error, value) {
  if (error) return failed(error);
  if (value instanceof Response) {
    const json = String(value.headers["Content-Type"] ?? "").startsWith("application/json");
    // So in Twilio's runtime: text that is JSON already becomes JSON once more.
    return finish(value.statusCode, value.headers, json ? JSON.stringify(value.body) : value.body);
  }
  if (typeof value === "string") return finish(200, { "Content-Type": "text/plain" }, value);
  return finish(200, { "Content-Type": "application/json" }, value);
}

let given = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => (given += part));
process.stdin.on("end", () => {
  const { source, path, context, event } = JSON.parse(given);
  global.Twilio = { Response };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  const file = `${path}.js`;
  const loaded = new Module(file);
  // From here on it is the function that takes its time, and no more this machine that starts a Node.
  fs.writeSync(1, "\n");
  loaded.paths = module.paths;
  try {
    loaded._compile(source, file);
    if (typeof loaded.exports.handler !== "function") throw new Error(`Could not find a "handler" function in file ${file}`);
    loaded.exports.handler(context, event, callback);
  } catch (error) {
    failed(error);
  }
});
