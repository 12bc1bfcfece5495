// Requests to our own server. Every failure becomes one sentence for the person.

/** `message` is the sentence to show; `status` is 0 when the server could not be reached. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** Whether the same request may go well a little later. */
  get worthRetrying(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const UNREACHABLE = "We cannot reach the service just now. What you typed is still here; try again in a moment.";
const SIGNED_OUT = "You have been signed out. What you typed is still here; sign in again in another tab, then try once more.";
const UNKNOWN = "Something went wrong on our side. What you typed is still here; try again in a moment.";

/** The sentence in an `application/problem+json` body, or a plain one of our own. */
export function problemSentence(status: number, body: string): string {
  if (status === 401) return SIGNED_OUT;
  try {
    const problem = JSON.parse(body) as { detail?: unknown; title?: unknown };
    if (typeof problem.detail === "string" && problem.detail !== "") return problem.detail;
    if (typeof problem.title === "string" && problem.title !== "") return problem.title;
  } catch {
    // Not JSON: an error page, or a proxy's own words.
  }
  return UNKNOWN;
}

/** `keepalive`: the request goes on when the page is left; its body is at most 64 KB then. */
interface Options {
  readonly keepalive?: boolean;
}

async function request(method: string, url: string, body?: unknown, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const init: RequestInit = { method, headers, credentials: "same-origin", keepalive: options.keepalive ?? false };
  if (body instanceof URLSearchParams) {
    init.body = body; // the browser says that it is a form
  } else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    throw new ApiError(UNREACHABLE, 0);
  }
  // A session that ended sends the browser to the sign-in page instead of an answer.
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in")) throw new ApiError(SIGNED_OUT, 401);
  if (!response.ok) throw new ApiError(problemSentence(response.status, await response.text()), response.status);
  return response;
}

export async function getJson<T>(url: string): Promise<T> {
  return (await (await request("GET", url)).json()) as T;
}

export async function getBytes(url: string): Promise<ArrayBuffer> {
  return (await request("GET", url)).arrayBuffer();
}

/** POST, PUT or DELETE with a JSON body; an empty answer gives null. */
export async function send<T>(method: "POST" | "PUT" | "DELETE", url: string, body?: unknown, options: Options = {}): Promise<T | null> {
  const response = await request(method, url, body, options);
  const text = response.status === 204 ? "" : await response.text();
  return text === "" ? null : (JSON.parse(text) as T);
}

/** The same with the fields of a form. */
export async function sendFields<T>(url: string, fields: Record<string, string>): Promise<T | null> {
  const response = await request("POST", url, new URLSearchParams(fields));
  const text = response.status === 204 ? "" : await response.text();
  return text === "" ? null : (JSON.parse(text) as T);
}

/** Sends a form as a browser would, with the button that was pressed, and stays on the page. */
export async function submit<T>(form: HTMLFormElement, by: HTMLElement | null = null): Promise<T | null> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, by)) if (typeof value === "string") body.append(name, value);
  const response = await request("POST", form.action, body);
  const text = response.status === 204 ? "" : await response.text();
  return text === "" ? null : (JSON.parse(text) as T);
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : UNKNOWN;
}
