// lightning/messageService: channels between components of one page. There is one component here, and nobody to talk to.
export class MessageContext {
  constructor(announce) {
    announce({});
  }

  connect() {}

  update() {}

  disconnect() {}
}

export const APPLICATION_SCOPE = Symbol("application");

export function subscribe() {
  return {};
}

export function unsubscribe() {}

export function publish() {}
