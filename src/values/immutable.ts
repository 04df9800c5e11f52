/**
 * Values that do not change: their fields are fixed once they are made.
 *
 * Not `Object.freeze`: jsii marks the objects that it hands to other languages, and a frozen object
 * cannot be marked.
 */

/** Fixes every field that a value has now. */
export function fixFields(value: object): void {
  for (const key of Object.keys(value)) {
    Object.defineProperty(value, key, { writable: false, configurable: false });
  }
}
