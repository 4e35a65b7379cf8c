// Fedify declares Node 22. What it uses of that beyond Node 20 is this much, so older systems can run the tests too.
ArrayBuffer.prototype.transfer ??= function transfer(length = this.byteLength) {
  const made = new ArrayBuffer(length);
  new Uint8Array(made).set(new Uint8Array(this, 0, Math.min(length, this.byteLength)));
  return made;
};
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node}` };
