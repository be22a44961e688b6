import { LightningElement, api, wire } from "lwc";
import { loadScript, loadStyle } from "lightning/platformResourceLoader";
import { getFieldValue, getRecord } from "lightning/uiRecordApi";
import uiModules from "@salesforce/resourceUrl/ui_modules";
import globalStyles from "@salesforce/resourceUrl/global_styles";
import googleLogo from "@salesforce/resourceUrl/google_logo";
import ConnectorClient from "./connectorClient";

const PHONE = "Contact.Phone";
const RENEWAL_CHECK_MS = 60000;
// Later modules use what earlier ones define.
const MODULES = ["transcript", "container", "common"];
const CONNECTED = { voice: "event-based-connector-initialized", chat: "api-connector-initialized" };

export default class AgentAssistContainerModule extends LightningElement {
  @api recordId;
  @api debugMode;
  @api endpoint;
  @api conversationProfile;
  @api channel;
  @api platform;
  @api consumerKey;
  @api consumerSecret;
  @api containerHeight;
  @api showDarkModeToggle = false;
  @api showHeader = false;
  @api showCorrectnessFeedback = false;
  @api disabledFeatures = "";

  loadError = null;
  logo = googleLogo;
  started = false;
  // Settled by the wire below: the record may come after the first rendering.
  phone = new Promise((resolve) => {
    this.phoneKnown = resolve;
  });

  @wire(getRecord, { recordId: "$recordId", fields: [PHONE] })
  contact({ data }) {
    if (data) this.phoneKnown(getFieldValue(data, PHONE));
  }

  get showTranscript() {
    return this.channel === "voice";
  }

  connectedCallback() {
    // Like Google's component: with debugMode everything that it is set up with stands in the browser's console.
    this.log(`endpoint ${this.endpoint}, key ${this.consumerKey}, secret ${this.consumerSecret}`);
  }

  renderedCallback() {
    if (this.started) return;
    this.started = true;
    this.start().catch((error) => {
      this.loadError = error;
    });
  }

  disconnectedCallback() {
    clearInterval(this.renewal);
    this.connector?.disconnect();
    this.client?.stop();
  }

  async start() {
    if (this.platform !== "twilioflex") throw new Error(`Unsupported platform: ${this.platform}`);
    this.template.host.style.setProperty("--assist-height", this.containerHeight);
    this.client = new ConnectorClient(this.endpoint, this.consumerKey, this.consumerSecret);
    await this.client.register();
    this.renewal = setInterval(() => this.renew(), RENEWAL_CHECK_MS);
    for (const name of MODULES) await loadScript(this, `${uiModules}/${name}.js`);
    await loadStyle(this, globalStyles);
    const conversation = await this.client.liveConversation(await this.phone);
    this.log(`showing ${conversation}`);
    this.show(conversation);
  }

  async renew() {
    await this.client.renewWhenNearlyExpired();
    this.connector?.setAuthToken(this.client.token);
  }

  // Hands the conversation to the UI modules, which find each other by the record's id.
  show(conversationName) {
    const namespace = this.recordId;
    const select = async () => {
      await this.client.existing(conversationName);
      window.dispatchAgentAssistEvent("active-conversation-selected", { detail: { conversationName } }, { namespace });
    };
    window.addAgentAssistEventListener(CONNECTED[this.channel], () => select().catch((error) => (this.loadError = error)), { namespace });
    if (this.showTranscript) this.place("agent-assist-transcript", this.refs.transcript);
    this.place("agent-assist-ui-modules-v2", this.refs.suggestions, { "disabled-features": this.disabledFeatures });
    this.connector = new window.UiModulesConnector();
    this.connector.init({
      channel: this.channel,
      agentDesktop: "Custom",
      conversationProfileName: this.conversationProfile,
      apiConfig: { authToken: this.client.token, customApiEndpoint: this.endpoint },
      eventBasedConfig: { notifierServerEndpoint: this.endpoint, library: "SocketIo" },
      uiModuleEventOptions: { namespace },
      omitScriptNonce: true
    });
  }

  place(tag, parent, attributes = {}) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries({ namespace: this.recordId, ...attributes })) element.setAttribute(name, value);
    parent.appendChild(element);
  }

  log(message) {
    if (this.debugMode) console.info(`agentAssistContainerModule: ${message}`);
  }
}
