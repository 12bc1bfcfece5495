// Fetches what is likely to be put on next, one after the other, as far as it fits.

import type { Shelf } from "./shelf.ts";

interface Extract {
  readonly id: string;
  readonly length_ms: number;
}

export class UpNext {
  private run = 0;

  constructor(private readonly shelf: Shelf) {}

  prepare(extracts: readonly Extract[]): void {
    this.run += 1;
    void this.go(extracts, this.run);
  }

  stop(): void {
    this.run += 1;
  }

  private async go(extracts: readonly Extract[], run: number): Promise<void> {
    for (const { id, length_ms } of extracts) {
      if (run !== this.run) return;
      if (this.shelf.get(id) || !this.shelf.fits(length_ms)) continue;
      try {
        await this.shelf.fetch(id);
      } catch {
        // It is fetched again when it is put on, and said then why not.
      }
    }
  }
}
