// The chip's engine in this page: pictures in, the integers of the board out. Of device/wasm/browser_engine.cpp.
//
//   const engine = await Engine.from(await response.arrayBuffer());
//   const model = engine.load(bytes);         // throws an Error that says what is wrong with it
//   engine.see(image_data);                   // or engine.pixels = ..., what the network gets
//   const { scores, shares } = engine.run();  // integers, and what softmax makes of them
//   const { shown } = engine.show();          // the class shown after this picture and those before, or null

const kCertain = 2 ** 30;

export class Engine {
  static async from(wasm) {
    return new Engine((await WebAssembly.instantiate(wasm, {})).instance.exports);
  }

  constructor(wasm) {
    wasm._initialize?.();
    this.wasm = wasm;
    this.model = null;
  }

  // An .espdl, as bytes. `portable`: by the portable kernels, as a check of the others.
  load(bytes, portable = false) {
    const { wasm } = this;
    this.model = null;
    if (bytes.length > wasm.model_room()) throw new Error(`the model has more than ${wasm.model_room()} bytes`);
    this.#bytes(wasm.model_at(), bytes.length).set(bytes);
    this.#check(wasm.load(bytes.length, portable));
    const index = [...Array(wasm.classes()).keys()];
    this.model = {
      classes: index.map((i) => this.#text(wasm.class_at(i), wasm.class_bytes(i))),
      none: wasm.none(),
      height: wasm.height(),
      width: wasm.width(),
      channels: wasm.channels(),
      exponent: wasm.exponent(),
      arena_bytes: wasm.arena_bytes(),
      rule: { pictures: wasm.rule_pictures(), enter: wasm.rule_enter() / 100, leave: wasm.rule_leave() / 100 },
    };
    return this.model;
  }

  // A picture of any size, an ImageData: its middle of the network's proportions, or `whole`.
  see({ data, width, height }, whole = false) {
    const { wasm } = this, row_bytes = 4 * width;
    this.#check(wasm.begin_picture(width, height, whole));
    for (let y = 0; y < height; ++y) {
      this.#bytes(wasm.row_at(), row_bytes).set(data.subarray(y * row_bytes, (y + 1) * row_bytes));
      this.#check(wasm.push_row());
    }
  }

  // What the network gets, height x width x channels of 0 to 255, row by row.
  get pixels() { return this.#bytes(this.wasm.picture_at(), this.#picture_bytes()).slice(); }
  set pixels(pixels) { this.#bytes(this.wasm.picture_at(), this.#picture_bytes()).set(pixels); }

  run() {
    this.#check(this.wasm.run());
    return { scores: this.model.classes.map((_, i) => this.wasm.score(i)), shares: this.#shares(this.wasm.probability_at()) };
  }

  show() {
    const shown = this.wasm.show();
    return { shown: shown < 0 ? null : shown, smoothed: this.#shares(this.wasm.smoothed_at()) };
  }

  // Begins to show anew, by another rule than the model's; percentages. False: it is no rule.
  show_by({ pictures, enter, leave }) {
    return Boolean(this.wasm.begin_showing(pictures, Math.round(100 * enter), Math.round(100 * leave)));
  }

  #bytes(at, size) { return new Uint8Array(this.wasm.memory.buffer, at, size); }
  #text(at, size) { return new TextDecoder().decode(this.#bytes(at, size)); }
  #shares(at) { return Array.from(new Uint32Array(this.wasm.memory.buffer, at, this.model.classes.length), (share) => share / kCertain); }
  #picture_bytes() { return this.model.height * this.model.width * this.model.channels; }
  #check(status) {
    if (status !== 0) throw new Error(this.#text(this.wasm.text(status), this.wasm.text_bytes(status)));
  }
}
