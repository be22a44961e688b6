// Twilio's Node library lists, reads and deletes one service.
// stdin: {"apiKeySid", "apiKeySecret", "accountSid", "serviceName"}; stdout: what it saw
"use strict";

const twilio = require("twilio");

const plain = (each) => each.toJSON();

async function main({ apiKeySid, apiKeySecret, accountSid, serviceName }) {
  const { serverless, studio, incomingPhoneNumbers, marketplace, flexApi, taskrouter } = twilio(apiKeySid, apiKeySecret, { accountSid });
  const service = serverless.v1.services(serviceName);
  const { sid } = await service.fetch();
  const seen = {
    services: (await serverless.v1.services.list()).map(plain),
    environments: (await service.environments.list()).map(plain),
    functions: (await service.functions.list({ pageSize: 1 })).map(plain),
    assets: (await service.assets.list()).map(plain),
    builds: (await service.builds.list()).map(plain),
  };
  const environment = service.environments(seen.environments[0].sid);
  seen.variables = (await environment.variables.list()).map(plain);
  seen.deployments = (await environment.deployments.list()).map(plain);
  seen.logs = (await environment.logs.list()).map(plain);
  seen.versions = [];
  for (const each of seen.functions) {
    for (const version of await service.functions(each.sid).functionVersions.list()) {
      const { content } = await service.functions(each.sid).functionVersions(version.sid).functionVersionContent().fetch();
      seen.versions.push({ ...plain(version), content });
    }
  }
  seen.assetVersions = [];
  for (const each of seen.assets) {
    seen.assetVersions.push(...(await service.assets(each.sid).assetVersions.list()).map(plain));
  }
  seen.flows = (await studio.v2.flows.list()).map(plain);
  seen.numbers = (await incomingPhoneNumbers.list()).map(plain);
  seen.addOns = (await marketplace.v1.availableAddOns.list()).map(plain);
  const flex = await flexApi.v1.configuration().fetch();
  seen.workflow = plain(await taskrouter.v1.workspaces(flex.taskrouterWorkspaceSid).workflows(flex.taskrouterTargetWorkflowSid).fetch());
  // A function of a build cannot go; the whole service can.
  seen.refused = await service.functions(seen.functions[0].sid).remove().catch(({ status, code }) => ({ status, code }));
  seen.removed = await service.remove();
  seen.gone = await serverless.v1.services(sid).fetch().catch(({ status, code }) => ({ status, code }));
  return seen;
}

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", async () => {
  try {
    process.stdout.write(JSON.stringify(await main(JSON.parse(text))));
  } catch (error) {
    process.stderr.write(`${error.name} ${error.status ?? ""} ${error.code ?? ""}: ${error.message}\n`);
    process.exitCode = 1;
  }
});
