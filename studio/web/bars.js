// A table of classes with a bar and its number for each; nothing moves but the bars.

export class Bars {
  constructor(body, classes) {
    body.replaceChildren();
    this.rows = classes.map((name) => {
      const row = body.insertRow(), head = document.createElement('th');
      head.scope = 'row';
      head.textContent = name;
      row.append(head);
      const bars = row.insertCell();
      const [smoothed, now] = ['smoothed', 'now'].map((kind) => {
        const meter = document.createElement('meter');
        meter.className = `bar ${kind}`;
        meter.setAttribute('aria-label', `${name}, ${kind}`);
        bars.append(meter);
        return meter;
      });
      return { row, smoothed, now, number: row.insertCell() };
    });
  }

  // Shares of 1 by class; `shown` is an index or null.
  draw(smoothed, now, shown) {
    this.rows.forEach((row, i) => {
      row.smoothed.value = smoothed[i];
      row.now.value = now[i];
      row.number.textContent = `${(100 * smoothed[i]).toFixed(1)} %`;
      row.row.classList.toggle('is_shown', i === shown);
    });
  }
}
