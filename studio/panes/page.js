// What all panes share.
export const at = (id) => document.getElementById(id);

// Says what went wrong; null: nothing any more.
export function explain(error) {
  at('trouble').textContent = error?.message ?? '';
  at('trouble').hidden = !error;
}
