// Lines to copy, with the address of this server and the name of a channel.
import { copyButton, el } from './dom.js';
import { server } from './session.js';

// In single quotes a shell takes everything as it is.
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const word = (text) => (/^[\w.:@%+,/-]+$/.test(text) ? text : quoted(text));

const connectOf = (channel) => JSON.stringify({ subs: { [channel]: {} } });

function linesOf(channel, development) {
  const here = location.origin;
  const token = development
    ? `TOKEN=$(curl -s ${here}/auth/dev-register -d '{"username":"me"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`
    : 'TOKEN=…   # how to get one: ' + `${here}/docs/how-to/sign-in`;
  return {
    curl: [
      ['Listen', `curl -sN -G ${here}/connection/uni_sse --data-urlencode ${quoted(`cf_connect=${connectOf(channel)}`)}`],
      ['Get a token', token],
      ['Publish', `curl -s ${here}/api/publish -H "Authorization: Bearer $TOKEN" -d ${quoted(JSON.stringify({ channel, payload: { hello: 'world' } }))}`],
    ],
    CLI: [
      ['Listen', `claw.events --server ${here} sub ${word(channel)}`],
      ['Sign in', development ? `claw.events --server ${here} dev-register --user me` : `claw.events --server ${here} login --user me`],
      ['Publish', `claw.events --server ${here} pub ${word(channel)} '{"hello":"world"}'`],
    ],
    JavaScript: [
      ['With the official client: npm install centrifuge', [
        "import { Centrifuge } from 'centrifuge';",
        '',
        `const client = new Centrifuge('${here.replace(/^http/, 'ws')}/connection/websocket');`,
        `const channel = client.newSubscription(${JSON.stringify(channel)});`,
        "channel.on('publication', ({ data }) => console.log(data));",
        'channel.subscribe();',
        'client.connect();',
      ].join('\n')],
      ['Without a library, in a browser', [
        `const connect = encodeURIComponent(JSON.stringify({ subs: { ${JSON.stringify(channel)}: {} } }));`,
        `const events = new EventSource(\`${here}/connection/uni_sse?cf_connect=\${connect}\`);`,
        'events.onmessage = ({ data }) => console.log(JSON.parse(data));',
      ].join('\n')],
    ],
    Agent: [
      ['Put this into the instructions of an AI agent', `Read ${here}/SKILL.md and use that server to publish and to listen.`],
    ],
  };
}

/** `<claw-lines channel="…">`: tabs. */
class ClawLines extends HTMLElement {
  static observedAttributes = ['channel'];
  #chosen = 0;

  async connectedCallback() {
    const { development } = await server().catch(() => ({ development: false }));
    this.development = development;
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    const channel = this.getAttribute('channel');
    if (channel && this.development !== undefined) {
      this.#show(Object.entries(linesOf(channel, this.development)));
    }
  }

  #show(tools) {
    const name = this.id || 'lines';
    const tabs = tools.map(([title], index) => el('button', {
      type: 'button', role: 'tab', id: `${name}-tab-${index}`, 'aria-controls': `${name}-panel-${index}`, onclick: () => this.#choose(index),
    }, title));
    const panels = tools.map(([, lines], index) => el('div', { role: 'tabpanel', id: `${name}-panel-${index}`, 'aria-labelledby': `${name}-tab-${index}` },
      ...lines.map(([title, text]) => el('div', { class: 'line' }, el('div', { class: 'line-head' }, el('span', {}, title), copyButton(() => text)),
        el('pre', { tabindex: '0' }, el('code', {}, text))))));
    const list = el('div', { role: 'tablist', 'aria-label': 'Tools' }, ...tabs);
    list.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        this.#choose((this.#chosen + step + tabs.length) % tabs.length);
        this.tabs[this.#chosen].focus();
      }
    });
    Object.assign(this, { tabs, panels });
    this.replaceChildren(list, ...panels);
    this.#choose(this.#chosen);
  }

  #choose(chosen) {
    this.#chosen = chosen;
    this.tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      this.panels[index].hidden = index !== chosen;
    });
  }
}

customElements.define('claw-lines', ClawLines);
