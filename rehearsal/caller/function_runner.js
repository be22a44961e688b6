// Runs one Twilio Function as Twilio's runtime does: exports.handler(context, event, callback).
// stdin: {"source", "path", "context", "event"}; stdout: one line {"status", "headers", "body"} or {"error"}.
"use strict";

const Module = require("module");

// The answer has stdout for itself; what the function prints is its log.
const answer = process.stdout.write.bind(process.stdout);
for (const level of ["log", "info", "debug", "warn", "error"]) {
  console[level] = (...words) => process.stderr.write(`${words.map(String).join(" ")}\n`);
}

class Response {
  constructor() {
    this.status = 200;
    this.body = null;
    this.headers = {};
  }
  setStatusCode(status) {
    this.status = status;
    return this;
  }
  setBody(body) {
    this.body = body;
    return this;
  }
  appendHeader(name, value) {
    this.headers[name] = value;
    return this;
  }
  setHeaders(headers) {
    Object.assign(this.headers, headers);
    return this;
  }
}

let finished = false;
function finish(result) {
  if (finished) return;
  finished = true;
  answer(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

function failed(error) {
  const cause = error && error.cause ? `: ${error.cause.message || error.cause.code || error.cause}` : "";
  finish({ error: error instanceof Error ? `${error.name}: ${error.message}${cause}` : String(error) });
}

function callback(error, value) {
  if (error) return failed(error);
  if (value instanceof Response) {
    const json = value.body !== null && typeof value.body === "object";
    const type = json ? { "Content-Type": "application/json" } : {};
    const body = json ? JSON.stringify(value.body) : value.body === null ? "" : String(value.body);
    return finish({ status: value.status, headers: { ...type, ...value.headers }, body });
  }
  if (value !== null && typeof value === "object") {
    return finish({ status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
  }
  const body = value === undefined || value === null ? "" : String(value);
  return finish({ status: 200, headers: { "Content-Type": "text/plain" }, body });
}

let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  const { source, path, context, event } = JSON.parse(text);
  global.Twilio = { Response };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  const loaded = new Module(path);
  loaded.paths = module.paths;
  try {
    loaded._compile(source, path);
    if (typeof loaded.exports.handler !== "function") throw new Error("it exports no handler");
    Promise.resolve(loaded.exports.handler(context, event, callback)).catch(failed);
  } catch (error) {
    failed(error);
  }
});
