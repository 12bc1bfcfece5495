// Passkeys in a real browser, with an authenticator of Chromium's own (CDP, WebAuthn domain): made, signed in with,
// confirmed with, and refused to whoever cannot show a finger.

import { check, close, look, open, ORIGIN, signIn } from "./person.mjs";

await open();
const wren = await signIn("wren");
const { page } = wren;

const cdp = await page.context().newCDPSession(page);
await cdp.send("WebAuthn.enable", { enableUI: false });
const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
  options: {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  },
});

/** Looks at the page in another tab: the tools of `look` would take this one's authenticator away. */
async function lookAside(name) {
  const tab = await wren.context.newPage();
  await tab.goto(page.url());
  await look({ page: tab }, name);
  await tab.close();
  await page.bringToFront();
}

// ---- made ----
await page.goto(`${ORIGIN}/account`);
await lookAside("account");
await page.fill("#passkey-name", "My laptop");
await page.click("button:has-text('Add a passkey')");
await page.waitForURL(/said=factor-added/);
check((await page.textContent("main")).includes("My laptop"), "the new passkey is not in the list");
const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
check(credentials.length === 1 && credentials[0].isResidentCredential, "the authenticator does not keep it");

// ---- signed in with, no name typed ----
await page.click("button:has-text('Sign out') >> nth=0");
await page.waitForURL(/\/sign-in/);
await page.click("button:has-text('Sign in with a passkey')");
await page.waitForURL(`${ORIGIN}/`);

// ---- a passphrase alone is half the way now ----
await page.click("button:has-text('Sign out') >> nth=0");
await page.waitForURL(/\/sign-in/);
await page.fill("#login", "wren");
await page.fill("#passphrase", process.env.PASSPHRASE);
await page.click("form[action='/sign-in'] button[type=submit]");
await page.waitForURL(`${ORIGIN}/sign-in/second`);
await lookAside("second-step");
await page.goto(`${ORIGIN}/`);
check(new URL(page.url()).pathname === "/sign-in", "half the way was in");
await page.goto(`${ORIGIN}/sign-in/second`);
await page.click("button:has-text('Use your passkey')");
await page.waitForURL(`${ORIGIN}/`);

// ---- confirmed with ----
await page.goto(`${ORIGIN}/confirm?next=/help`);
await lookAside("confirm");
await page.click("button:has-text('Use your passkey')");
await page.waitForURL(`${ORIGIN}/help`);

// ---- no finger, no way in ----
await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await page.click("button:has-text('Sign out') >> nth=0");
await page.waitForURL(/\/sign-in/);
await page.click("button:has-text('Sign in with a passkey')");
await page.waitForSelector("[data-passkey-error]:not([hidden])");
await page.goto(`${ORIGIN}/`);
check(new URL(page.url()).pathname === "/sign-in", "somebody without a finger came in");
await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

// ---- removed: it opens nothing any more ----
await page.click("button:has-text('Sign in with a passkey')");
await page.waitForURL(`${ORIGIN}/`);
await page.goto(`${ORIGIN}/account`);
await page.click("button:has-text('Remove')");
await page.waitForURL(/said=factor-removed/);
await page.click("button:has-text('Sign out') >> nth=0");
await page.waitForURL(/\/sign-in/);
await page.click("button:has-text('Sign in with a passkey')");
await page.waitForSelector("[data-passkey-error]:not([hidden])");

const others = wren.problems.filter((p) => !/Failed to load resource.*(409|Conflict)/.test(p));
check(others.length === 0, others.join("; "));
await close();
