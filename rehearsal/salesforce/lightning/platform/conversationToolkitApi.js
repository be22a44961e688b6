// lightning/conversationToolkitApi: there for components that embed it; this org has no such channel, so it never announces anything.
import { LightningElement } from "lwc";

export default class extends LightningElement {}
