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

  @wire(getRecord, { recordId: "$recordId", fields: [PHONE] })
  contact;

  loadError = null;
  logo = googleLogo;
  started = false;

  get phone() {
    return getFieldValue(this.contact?.data, PHONE);
  }

  renderedCallback() {
    if (this.started || !this.phone) return;
    this.started = true;
    this.start().catch((error) => {
      this.loadError = error;
    });
  }

  disconnectedCallback() {
    clearInterval(this.renewal);
    this.connector?.close();
    this.client?.stop();
  }

  async start() {
    if (this.platform !== "twilioflex") throw new Error(`Unsupported platform: ${this.platform}`);
    this.template.host.style.setProperty("--assist-height", this.containerHeight);
    this.client = new ConnectorClient(this.endpoint, this.consumerKey, this.consumerSecret);
    await this.client.register();
    this.renewal = setInterval(() => this.client.renewWhenNearlyExpired(), RENEWAL_CHECK_MS);
    for (const name of MODULES) await loadScript(this, `${uiModules}/${name}.js`);
    await loadStyle(this, globalStyles);
    const conversation = await this.client.liveConversation(this.phone);
    this.log(`joining ${conversation}`);
    await this.show(conversation);
  }

  async show(conversation) {
    const modules = window.agentAssistRehearsal;
    const transcript = modules.transcript(this.refs.transcript);
    const suggestions = modules.container(this.refs.suggestions, { disabled: this.disabledFeatures });
    this.connector = new modules.Connector(this.endpoint, () => this.client.token);
    this.connector.listen((event, data) => {
      transcript.hear(event, data);
      suggestions.hear(event, data);
    });
    await this.connector.join(conversation);
  }

  log(message) {
    if (this.debugMode) console.info(`agentAssistContainerModule: ${message}`);
  }
}
