// What the studio behind the page is asked.

async function answer_of(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(text.trim() || `${response.status} ${response.statusText}`);
  return JSON.parse(text);
}
const gone = () => { throw new Error('the studio has ended: start it again in the terminal, and open its new link'); };

export const read = (path) => fetch(`/api/${path}`).catch(gone).then(answer_of);
export const send = (path, body) => post(path, 'application/json', JSON.stringify(body));
export const post = (path, type, body) => fetch(`/api/${path}`, { method: 'POST', headers: { 'Content-Type': type }, body }).catch(gone).then(answer_of);

// Calls `told` with every event, those before this page too, which `again` announces.
export function listen(told, again) {
  const source = new EventSource('/api/events');
  source.onopen = again;
  source.onmessage = ({ data }) => told(JSON.parse(data));
}
