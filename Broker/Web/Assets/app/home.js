import { byId, pageOf } from './dom.js';
import { connect } from './live.js';
import { watch } from './watch.js';
import './advertised.js';
import './chart.js';
import './lines.js';
import './message.js';
import './publish.js';
import './stream.js';
import './timers.js';

byId('open').addEventListener('submit', (event) => {
  event.preventDefault();
  location.href = pageOf(byId('channel').value.trim());
});

byId('square').emptyText = 'Nobody has said anything since you came. Be the first!';
watch('public.townsquare', byId('square'), byId('square-rate'));
byId('square').addEventListener('open', (event) => {
  byId('message').show(event.detail);
  byId('message-dialog').showModal();
});
connect();
