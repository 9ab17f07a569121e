// The side panel: the payment, the details of a row, or one of the tools.

import { button, byId, set, text } from './dom.mjs';
import { onDraw, see, store } from './store.mjs';
import { openPayment } from './payment.mjs';
import { openWire } from './wire.mjs';
import { openBreak } from './panel-break.mjs';
import { openGateway } from './panel-gateway.mjs';
import { openCalls } from './panel-calls.mjs';
import { openConnect } from './panel-connect.mjs';
import { openAssumptions } from './panel-assumptions.mjs';
import { openStart } from './panel-start.mjs';
import { openSave } from './panel-save.mjs';
import { openScenarios } from './panel-scenarios.mjs';
import { showView } from './views.mjs';

// Panels with a tool have a button in the bar at the top.
const panels = {
  '': { title: 'Payment', open: openPayment },
  wire: { title: 'Row details', open: openWire },
  start: { title: 'Start a payment', tool: 'Start', open: openStart },
  connect: { title: 'Connect your application', tool: 'Connect', open: openConnect },
  break: { title: 'Faults', tool: 'Faults', open: openBreak },
  gateway: { title: 'Payment gateway', tool: 'Gateway', open: openGateway },
  calls: { title: 'Calls', tool: 'Calls', open: openCalls },
  scenarios: { title: 'Scenarios', tool: 'Scenarios', open: openScenarios },
  assumptions: { title: 'Assumptions', tool: 'Assumptions', open: openAssumptions },
  save: { title: 'Export', tool: 'Export', open: openSave },
};

// counts returns how many faults are armed, and how many payments wait.
const counted = (n) => (n > 0 ? ` (${n})` : '');
const counts = {
  break: () => counted((store.held.faults ?? []).length + Number((store.held.delivery?.way ?? 'once') !== 'once')),
  gateway: () => counted((store.held.held ?? []).length),
};

let shown = null, refresh = null;

export function startPanels() {
  for (const [name, { tool }] of Object.entries(panels)) {
    if (tool) byId('tools').append(button(tool, () => openTool(name), { 'data-tool': name }));
  }
  byId('tab-payment').addEventListener('click', () => see({ panel: '' }));
  byId('tab-wire').addEventListener('click', () => see({ panel: 'wire' }));
  byId('close-tool').addEventListener('click', () => see({ panel: '' }));
  onDraw('side', draw);
}

function openTool(name) {
  see({ panel: store.see.panel === name ? '' : name });
  byId('tools').querySelector(`[data-tool="${name}"]`).scrollIntoView({ block: 'nearest', inline: 'center' });
  showView('side');
}

function draw() {
  const name = Object.hasOwn(panels, store.see.panel) ? store.see.panel : '';
  const panel = panels[name], root = byId('side-body');
  for (const tool of byId('tools').children) {
    set(tool, 'aria-pressed', String(tool.dataset.tool === name));
    text(tool, panels[tool.dataset.tool].tool + (counts[tool.dataset.tool]?.() ?? ''));
  }
  set(byId('tab-payment'), 'aria-pressed', String(name === ''));
  set(byId('tab-wire'), 'aria-pressed', String(name === 'wire'));
  byId('side-tabs').hidden = Boolean(panel.tool);
  byId('side-tool').hidden = !panel.tool;
  byId('side-title').classList.toggle('hidden', !panel.tool);
  text(byId('side-title'), panel.title);
  if (!store.about) return;
  if (shown === name) return refresh();
  shown = name;
  root.scrollTop = 0;
  refresh = panel.open(root);
}
