// lightning/platformResourceLoader: static resources as elements of the document.
function loaded(element, where) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => reject(new Error(`${new URL(where, location).pathname} could not be loaded`)));
    document.head.append(element);
  });
}

export function loadScript(_component, url) {
  return loaded(Object.assign(document.createElement("script"), { src: url, async: false }), url);
}

export function loadStyle(_component, url) {
  return loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url }), url);
}
