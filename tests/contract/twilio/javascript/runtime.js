// Functions in Twilio's own runtime handler, on this machine. A protected one gets Twilio's own check of the signature
// in front: the handler leaves that to Twilio's gateway.
// stdin, first line: {"functions": {"/path": "file"}, "protected": ["/path"], "url", "env", "folder"}
// stdout, first line: {"port"}; then what the functions log. Ends with its stdin.
"use strict";

const http = require("http");
const express = require("express");
const twilio = require("twilio");
const { LocalDevelopmentServer } = require("@twilio/runtime-handler/dev");

function main(given) {
  const functions = Object.entries(given.functions).map(([path, filePath]) => ({
    name: path.slice(1),
    path,
    filePath,
    access: given.protected.includes(path) ? "protected" : "public",
    content: "",
  }));
  const log = (level) => (...words) => process.stdout.write(`${level} ${words.join(" ")}\n`);
  const runtime = new LocalDevelopmentServer("0", {
    baseDir: given.folder,
    url: given.url,
    env: given.env,
    routes: { functions, assets: [] },
    forkProcess: true,
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error"), log: log("info") },
  });
  const gateway = express();
  for (const { path } of functions.filter(({ access }) => access === "protected")) {
    const check = twilio.webhook(given.env.AUTH_TOKEN, { url: given.url + path });
    gateway.use(path, express.urlencoded({ extended: false }), check);
  }
  gateway.use(runtime.getApp());
  const server = http.createServer(gateway).listen(0, "127.0.0.1", () => {
    process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
  });
}

const lines = require("readline").createInterface({ input: process.stdin });
lines.once("line", (line) => main(JSON.parse(line)));
lines.once("close", () => process.exit(0));
