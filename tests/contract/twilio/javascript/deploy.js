// Deploys a service with @twilio-labs/serverless-api, exactly as `twilio serverless:deploy` does.
// stdin: {"username", "password", "serviceName", "functions", "assets", "env", "dependencies", "runtime", "environment"}
// stdout: {"result", "steps", "listed", "again"}
"use strict";

const { TwilioServerlessApiClient } = require("@twilio-labs/serverless-api");

async function main(given) {
  const client = new TwilioServerlessApiClient({ username: given.username, password: given.password });
  const steps = [];
  client.on("status-update", ({ status }) => steps.push(status));
  const project = {
    serviceName: given.serviceName,
    functionsEnv: given.environment,
    functions: given.functions,
    assets: given.assets,
    env: given.env,
    pkgJson: { dependencies: given.dependencies },
    runtime: given.runtime,
    uiEditable: false,
    overrideExistingService: given.override === true,
  };
  const result = await client.deployProject(project);
  const types = ["environments", "builds", "functions", "assets", "variables"];
  const listed = await client.list({ types, serviceSid: result.serviceSid, environment: given.environment });
  const services = await client.list({ types: "services" });
  const again = await client.deployProject(project).catch((error) => error.name);
  const logs = await client.getLogs({ serviceSid: result.serviceSid, environment: given.environment });
  return { result, steps, listed, services: services.services, again, logs };
}

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", async () => {
  try {
    process.stdout.write(JSON.stringify(await main(JSON.parse(text))));
  } catch (error) {
    process.stderr.write(`${error.name}: ${error.message}\n${JSON.stringify(error.details ?? {})}\n`);
    process.exitCode = 1;
  }
});
