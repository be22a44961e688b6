// Compiles the files of one Lightning web component with Salesforce's own compiler.
// stdin: {"compiler": folder of @lwc/compiler, "name": …, "files": {path in the bundle: text}}
// stdout: {"modules": {path: JavaScript}, "problem": the first error, or ""}
import { pathToFileURL } from "node:url";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { compiler, name, files } = JSON.parse(Buffer.concat(chunks).toString());
const { transformSync } = await import(pathToFileURL(`${compiler}/dist/index.js`));

const modules = {};
let problem = "";
for (const [path, text] of Object.entries(files)) {
  try {
    modules[path] = transformSync(text, path, { name, namespace: "c" }).code;
  } catch (error) {
    problem ||= `${path}: ${error.message}`;
  }
}
process.stdout.write(JSON.stringify({ modules, problem }));
