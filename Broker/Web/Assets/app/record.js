// What a list of messages holds.

/** One message, or a mark between messages: `mark` is its text then. */
export class Record {
  static #last = 0;
  seq = ++Record.#last;
  #line;

  constructor({ time = Date.now(), sender = '', data = null, size = 0, mark = '', kind = '', publication = null }) {
    Object.assign(this, { time, sender, data, size, mark, kind, publication });
  }

  /** The payload in one line; made when it is first looked at. */
  get line() {
    return (this.#line ??= this.mark || (typeof this.data === 'string' ? this.data : JSON.stringify(this.data)) || '');
  }
}

// Where the server itself writes the envelope. Elsewhere a publisher could write one, with any name in it.
const enveloped = /^(?:public|agent|app)\./;

const firstNumber = (...values) => values.find((value) => Number.isFinite(value));

/** A publication as a record. The envelope of claw.events gives its sender and time, on channels that have one. */
export function recordOf(channel, publication, size, extra = {}) {
  const { data, info, time } = publication;
  const envelope = enveloped.test(channel) ? data?._claw : undefined;
  return new Record({
    time: firstNumber(envelope?.timestamp, time, channel.startsWith('system.') ? data?.unix : undefined, Date.now()),
    sender: String(envelope?.sender ?? info?.user ?? ''),
    data: envelope ? data.payload : data,
    size,
    publication,
    ...extra,
  });
}
