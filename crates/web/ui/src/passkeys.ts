// Passkeys: forms marked `data-passkey` ask the browser for one. Without scripts, or without passkeys, they stay hidden.

import { ApiError, send } from "./api.ts";

interface Asked {
  readonly token: string;
  readonly options: { readonly publicKey: JsonOptions };
}

/** The server's options as JSON: the same as the browser's, with base64url where that has bytes. */
interface JsonOptions {
  challenge: string;
  user?: { id: string };
  excludeCredentials?: { id: string }[];
  allowCredentials?: { id: string }[];
}

export function fromBase64Url(text: string): ArrayBuffer {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (c) => c.charCodeAt(0)).buffer;
}

export function toBase64Url(bytes: ArrayBuffer): string {
  const text = Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The options with bytes where the browser wants bytes. */
export function withBytes(options: JsonOptions): object {
  const ids = (list: { id: string }[] | undefined) => list?.map((one) => ({ ...one, id: fromBase64Url(one.id) }));
  return {
    ...options,
    challenge: fromBase64Url(options.challenge),
    ...(options.user && { user: { ...options.user, id: fromBase64Url(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: ids(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: ids(options.allowCredentials) }),
  };
}

/** What the authenticator said, as JSON. */
function asJson(credential: PublicKeyCredential): object {
  const { response } = credential;
  const parts: Record<string, unknown> = { clientDataJSON: toBase64Url(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    parts["attestationObject"] = toBase64Url(response.attestationObject);
    parts["transports"] = response.getTransports();
  } else if (response instanceof AuthenticatorAssertionResponse) {
    parts["authenticatorData"] = toBase64Url(response.authenticatorData);
    parts["signature"] = toBase64Url(response.signature);
    parts["userHandle"] = response.userHandle ? toBase64Url(response.userHandle) : null;
  }
  return { id: credential.id, rawId: toBase64Url(credential.rawId), type: credential.type, response: parts, extensions: {} };
}

async function ceremony(form: HTMLFormElement): Promise<void> {
  const { begin, finish, passkey, next } = form.dataset;
  if (!begin || !finish) return;
  const asked = await send<Asked>("POST", begin, {});
  if (!asked) return;
  const publicKey = withBytes(asked.options.publicKey);
  const credential =
    passkey === "new"
      ? await navigator.credentials.create({ publicKey: publicKey as PublicKeyCredentialCreationOptions })
      : await navigator.credentials.get({ publicKey: publicKey as PublicKeyCredentialRequestOptions });
  if (!(credential instanceof PublicKeyCredential)) return;
  const name = new FormData(form).get("name") ?? "";
  const done = await send<{ next: string }>("POST", finish, { token: asked.token, credential: asJson(credential), name, next });
  if (done) location.assign(done.next);
}

function say(form: HTMLFormElement, text: string): void {
  const place = form.querySelector("[data-passkey-error]");
  if (!place) return;
  place.textContent = text;
  place.toggleAttribute("hidden", text === "");
}

if (typeof window !== "undefined" && "PublicKeyCredential" in window) {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      say(form, "");
      ceremony(form).catch((error: unknown) => {
        // Turning away from the browser's question is no error worth a long word.
        say(form, error instanceof ApiError ? error.message : "That did not work this time. You can try again, or use another way.");
      });
    });
  }
}
