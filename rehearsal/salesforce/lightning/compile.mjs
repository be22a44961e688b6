// Compiles the files of one Lightning web component with Salesforce's own compiler.
// stdin: {"compiler": folder of @lwc/compiler, "name": …, "files": {path in the bundle: text}}
// stdout: {"modules": {path: JavaScript}, "problem": the first error as {"path", "text", "line", "column"}, or null}
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { compiler, name, files } = JSON.parse(Buffer.concat(chunks).toString());
const { transformSync } = await import(pathToFileURL(`${compiler}/dist/index.js`));

const modules = {};
let problem = null;
for (const [path, text] of Object.entries(files)) {
  try {
    modules[path] = transformSync(text, path, { name, namespace: "c" }).code;
  } catch (error) {
    // The rest of a message is the source around the place; a parser's columns begin at 0, a template's at 1.
    const text = error.message.split("\n")[0].replaceAll(`${resolve(path)}: `, "");
    const { line = 1, column = 1 } = error.location ?? {};
    problem ||= { path, text, line, column: path.endsWith(".js") && error.location ? column + 1 : column };
  }
}
process.stdout.write(JSON.stringify({ modules, problem }));
