// Shows what was said, sentence by sentence.
(() => {
  const modules = (window.agentAssistRehearsal ??= {});

  modules.transcript = (place) => ({
    hear(event, data) {
      if (event !== "new-message-event") return;
      const message = data.newMessagePayload ?? data;
      const line = document.createElement("p");
      line.textContent = `${message.participantRole ?? ""}: ${message.content ?? ""}`;
      place.appendChild(line);
    }
  });
})();
