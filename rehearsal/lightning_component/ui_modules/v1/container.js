// <agent-assist-ui-modules-v2>: shows what Agent Assist suggests, the newest on top; disabled features are left out.
(() => {
  const MARK = "https://www.gstatic.com/agent-assist/assist.svg";
  const STYLE = `
    :host { display: block; box-sizing: border-box; overflow-y: auto; padding: 14px 16px; font: 14px/1.4 "Roboto", system-ui, sans-serif; color: #181818; }
    h3 { display: flex; align-items: center; gap: 8px; margin: 0 0 10px; font-size: 14px; }
    img { width: 18px; height: 18px; }
    article { margin: 0 0 10px; padding: 10px 14px; border: 1px solid #dadce0; border-left: 4px solid #1a73e8; border-radius: 8px; background: #fff; }
    article h4 { margin: 0; font-size: 11px; letter-spacing: 0.04em; text-transform: uppercase; color: #1a73e8; }
    article strong { display: block; margin: 4px 0; overflow-wrap: anywhere; }
    article p { margin: 0; color: #3c4043; overflow-wrap: anywhere; }
    .none { color: #5c5c5c; }`;

  // Title, question and answer of each kind of suggestion, as Dialogflow names them.
  const KINDS = {
    suggestKnowledgeAssistResponse: ({ knowledgeAssistAnswer: one }) => [
      ["Knowledge assist", one?.suggestedQuery?.queryText, one?.suggestedQueryAnswer?.answerText]
    ],
    suggestArticlesResponse: ({ articleAnswers = [] }) => articleAnswers.map((one) => ["Article", one.title, one.snippets?.join(" ")]),
    suggestFaqAnswersResponse: ({ faqAnswers = [] }) => faqAnswers.map((one) => ["Frequent question", one.question, one.answer]),
    suggestSmartRepliesResponse: ({ smartReplyAnswers = [] }) => smartReplyAnswers.map((one) => ["Smart reply", one.reply, ""])
  };
  const FEATURES = {
    suggestKnowledgeAssistResponse: "KNOWLEDGE_ASSIST",
    suggestArticlesResponse: "ARTICLE_SUGGESTION",
    suggestFaqAnswersResponse: "FAQ",
    suggestSmartRepliesResponse: "SMART_REPLY"
  };

  class Suggestions extends HTMLElement {
    connectedCallback() {
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.innerHTML = `<style>${STYLE}</style><h3><img src="${MARK}" alt="">Suggestions</h3><div><p class="none">Waiting for the conversation</p></div>`;
      this.cards = root.querySelector("div");
      this.leftOut = new Set((this.getAttribute("disabled-features") ?? "").split(",").map((name) => name.trim()));
      this.options = { namespace: this.getAttribute("namespace") };
      this.listener = ({ detail }) => this.#suggest(detail.suggestionResults ?? []);
      window.addAgentAssistEventListener("suggestions-received", this.listener, this.options);
    }

    disconnectedCallback() {
      window.removeAgentAssistEventListener("suggestions-received", this.listener, this.options);
    }

    #suggest(results) {
      for (const result of results) {
        for (const [kind, content] of Object.entries(result)) {
          if (this.leftOut.has(FEATURES[kind])) continue;
          for (const texts of KINDS[kind]?.(content) ?? []) this.#card(...texts);
        }
      }
    }

    #card(title, question, answer) {
      this.cards.querySelector(".none")?.remove();
      const card = document.createElement("article");
      for (const [tag, text] of [["h4", title], ["strong", question], ["p", answer]]) {
        if (text) card.append(Object.assign(document.createElement(tag), { textContent: text }));
      }
      this.cards.prepend(card);
    }
  }

  customElements.define("agent-assist-ui-modules-v2", Suggestions);
})();
