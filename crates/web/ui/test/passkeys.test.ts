import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64Url, toBase64Url, withBytes } from "../src/passkeys.ts";

test("bytes come back as they went, in the alphabet of addresses", () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 37 + length * 251) % 256);
    const text = toBase64Url(bytes.buffer);
    assert.match(text, /^[A-Za-z0-9_-]*$/);
    assert.deepEqual(new Uint8Array(fromBase64Url(text)), bytes);
  }
  assert.equal(toBase64Url(Uint8Array.of(255, 239, 190).buffer), "_---");
});

test("the browser gets bytes where it wants bytes", () => {
  const options = withBytes({ challenge: "AQI", user: { id: "Aw" }, excludeCredentials: [{ id: "BA" }] }) as {
    challenge: ArrayBuffer;
    user: { id: ArrayBuffer };
    excludeCredentials: { id: ArrayBuffer }[];
    allowCredentials?: unknown;
  };
  assert.deepEqual([...new Uint8Array(options.challenge)], [1, 2]);
  assert.deepEqual([...new Uint8Array(options.user.id)], [3]);
  assert.deepEqual([...new Uint8Array(options.excludeCredentials[0]?.id ?? new ArrayBuffer(0))], [4]);
  assert.equal(options.allowCredentials, undefined);
});
