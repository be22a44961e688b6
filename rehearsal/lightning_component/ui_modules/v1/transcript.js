// <agent-assist-transcript>: shows what was said, sentence by sentence, and what is being said right now.
(() => {
  const STYLE = `
    :host { display: block; box-sizing: border-box; overflow-y: auto; padding: 14px 16px; font: 14px/1.4 "Roboto", system-ui, sans-serif; color: #181818; }
    h3 { margin: 0 0 10px; font-size: 14px; }
    p { margin: 0 0 10px; padding: 8px 12px; border-radius: 12px 12px 12px 3px; background: #f1f3f4; overflow-wrap: anywhere; }
    p.agent { background: #d8e6fe; border-radius: 12px 12px 3px 12px; }
    p.interim { opacity: 0.6; font-style: italic; }
    small { display: block; color: #5c5c5c; font-size: 11px; }
    .note { color: #5c5c5c; font-size: 12px; text-align: center; }`;
  const SPEAKERS = { HUMAN_AGENT: "Agent", END_USER: "Customer", AUTOMATED_AGENT: "Virtual agent" };
  const STAGES = { CONVERSATION_STARTED: "The call has begun", CONVERSATION_FINISHED: "The call is over" };
  // Where a stage stands among sentences: text that sorts before, or after, any time stamp.
  const PLACES = { CONVERSATION_STARTED: "", CONVERSATION_FINISHED: "~" };

  class Transcript extends HTMLElement {
    #shown = new Set();
    #interim = null;
    #listening = [];

    connectedCallback() {
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.innerHTML = `<style>${STYLE}</style><h3>Transcript</h3><div></div>`;
      this.lines = root.querySelector("div");
      this.#listen("new-message-received", (message) => this.#message(message));
      this.#listen("new-recognition-result-received", (result) => this.#hearing(result));
      this.#listen("conversation-lifecycle-received", ({ type }) => this.#note(STAGES[type] ?? type, PLACES[type]));
    }

    disconnectedCallback() {
      for (const [name, listener, options] of this.#listening) window.removeAgentAssistEventListener(name, listener, options);
    }

    #listen(name, show) {
      const entry = [name, ({ detail }) => show(detail), { namespace: this.getAttribute("namespace") }];
      this.#listening.push(entry);
      window.addAgentAssistEventListener(...entry);
    }

    #message({ name, participantRole, content, createTime }) {
      if (this.#shown.has(name)) return;
      this.#shown.add(name);
      this.#interim?.remove();
      this.#add(participantRole, content, "", createTime);
    }

    #hearing({ transcript, isFinal, participantRole }) {
      this.#interim?.remove();
      this.#interim = isFinal ? null : this.#add(participantRole, `${transcript} …`, "interim");
    }

    #add(role, text, extra = "", at = undefined) {
      const line = document.createElement("p");
      line.className = `${role === "HUMAN_AGENT" ? "agent" : "customer"} ${extra}`;
      const speaker = document.createElement("small");
      speaker.textContent = SPEAKERS[role] ?? "";
      line.append(speaker, text);
      return this.#show(line, at);
    }

    #note(text, at) {
      if (this.#shown.has(text)) return;
      this.#shown.add(text);
      const note = document.createElement("div");
      note.className = "note";
      note.textContent = text;
      this.#show(note, at);
    }

    // Events of a call may arrive in another order than they were published in: what was said is shown in the order of its time.
    #show(line, at = new Date().toISOString()) {
      line.dataset.at = at;
      this.lines.insertBefore(line, [...this.lines.children].find((other) => other.dataset.at > at) ?? null);
      line.scrollIntoView({ block: "nearest" });
      return line;
    }
  }

  customElements.define("agent-assist-transcript", Transcript);
})();
