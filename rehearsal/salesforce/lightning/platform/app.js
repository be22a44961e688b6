// The page around the components: header, highlights, details, and each deployed component in its region.
import { createElement } from "lwc";
import { content } from "./content.js";

const FIELDS = { Name: "Name", Phone: "Phone", MobilePhone: "Mobile", Email: "Email" };
const WIDE = new Set(["header"]);

function make(tag, className = "", text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function highlights(contact) {
  const card = make("section", "highlights");
  const title = make("div", "title");
  title.append(make("span", "kind", "Contact"), make("h1", "", contact.Name));
  const facts = make("dl");
  for (const name of ["Phone", "Email"]) facts.append(fact(FIELDS[name], contact[name]));
  card.append(make("span", "badge", "C"), title, facts);
  return card;
}

function fact(label, value) {
  const pair = make("div");
  pair.append(make("dt", "", label), make("dd", "", value || "–"));
  return pair;
}

function details(contact) {
  const card = make("section", "card details");
  const list = make("dl");
  for (const [name, label] of Object.entries(FIELDS)) list.append(fact(label, contact[name]));
  card.append(make("h2", "", "Details"), list);
  return card;
}

async function deployed({ componentName: name, defaults, properties }, contact) {
  const { default: Component } = await import(`/lightning/modules/c/${name}/${name}.js`);
  const tag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const element = createElement(`c-${tag}`, { is: Component });
  return Object.assign(element, defaults, properties, { recordId: contact.Id });
}

async function shown(component, contact) {
  if (component.componentName === "force:highlightsPanel") return highlights(contact);
  if (component.componentName === "force:detailPanel") return details(contact);
  return deployed(component, contact);
}

function bar() {
  const header = make("header", "bar");
  header.append(make("span", "cloud"), make("strong", "", "Service"), make("span", "tab", "Contacts"));
  return header;
}

async function main() {
  const { page, components, contact } = await content();
  document.title = `${contact.Name} | Contact`;
  const regions = make("main", "regions");
  document.body.append(bar(), regions);
  const own = [{ componentName: "force:highlightsPanel", region: "header" }, { componentName: "force:detailPanel", region: "main" }];
  for (const component of page ? components : own) {
    let region = regions.querySelector(`[data-region="${component.region}"]`);
    if (!region) {
      region = make("div", WIDE.has(component.region) ? "region wide" : "region");
      region.dataset.region = component.region;
      regions.append(region);
    }
    region.append(await shown(component, contact));
  }
}

main().catch((error) => {
  console.error(error);
  document.body.append(make("p", "page-error", error.message));
});
