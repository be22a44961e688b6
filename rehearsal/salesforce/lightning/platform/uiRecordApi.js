// lightning/uiRecordApi: the record of this page by wire; a field that the page's object does not have is an error.
import { content } from "./content.js";

const OBJECT = "Contact";

export class getRecord {
  constructor(announce) {
    this.announce = announce;
    announce({ data: undefined, error: undefined });
  }

  connect() {}

  disconnect() {
    this.gone = true;
  }

  update({ recordId, fields = [], optionalFields = [] }) {
    if (!recordId) return;
    content().then(({ contact }) => {
      if (this.gone) return;
      const foreign = fields.find((each) => !each.startsWith(`${OBJECT}.`));
      if (foreign || contact.Id !== recordId) {
        this.announce({ data: undefined, error: { body: { message: `${foreign ?? recordId} is not on this page` } } });
        return;
      }
      const names = [...fields, ...optionalFields].map((each) => each.slice(OBJECT.length + 1));
      const values = Object.fromEntries(names.map((name) => [name, { value: contact[name] ?? null, displayValue: null }]));
      this.announce({ data: { apiName: OBJECT, id: contact.Id, fields: values }, error: undefined });
    });
  }
}

export function getFieldValue(record, field) {
  return record?.fields[field.split(".").at(-1)]?.value;
}
