// What the studio behind the page is asked.

async function text_of(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(text.trim() || `${response.status} ${response.statusText}`);
  return text;
}
const gone = () => { throw Object.assign(new Error('the studio has ended: start it again in the terminal, and open its new link'), { gone: true }); };

export const read_text = (path) => fetch(`/api/${path}`).catch(gone).then(text_of); // empty: it is not there yet
export const read = (path) => read_text(path).then(JSON.parse);
export const send = (path, body) => post(path, 'application/json', JSON.stringify(body));
export const post = (path, type, body) => fetch(`/api/${path}`, { method: 'POST', headers: { 'Content-Type': type }, body }).catch(gone).then(text_of).then(JSON.parse);

// Calls `told` with every event, those before this page too, which `again` announces; `lost` when there is nobody to listen to.
export function listen(told, again, lost) {
  const source = new EventSource('/api/events');
  source.onopen = again;
  source.onerror = lost;
  source.onmessage = ({ data }) => told(JSON.parse(data));
}
