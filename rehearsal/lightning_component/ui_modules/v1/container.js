// Shows what Agent Assist suggests: the newest on top, features that are switched off left out.
(() => {
  const modules = (window.agentAssistRehearsal ??= {});

  modules.container = (place, { disabled = "" } = {}) => {
    const leftOut = new Set(disabled.split(",").map((name) => name.trim()));
    return {
      hear(event, data) {
        if (event !== "human-agent-assistant-event") return;
        for (const result of data.suggestionResults ?? []) {
          const [feature] = Object.keys(result);
          if (leftOut.has(feature)) continue;
          const card = document.createElement("article");
          card.textContent = JSON.stringify(result[feature]);
          place.prepend(card);
        }
      }
    };
  };
})();
