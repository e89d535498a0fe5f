/** Searching while somebody types: every pause asks, an answer to earlier letters is dropped, and only
 *  what somebody stays with is counted as looked for (found or missed), once. */
import type { Schemas } from "../api/client";

export type Hit = Schemas["AnswerHit"];
export type Found = Schemas["AnswersFound"];
type Asks = (text: string, typing: boolean) => Promise<Found>;

const PAUSE_MS = 250;
const STAYS_MS = 2_000;

export class Searching {
  private text = "";
  private counted = "";
  private pause: ReturnType<typeof setTimeout> | undefined;
  private stays: ReturnType<typeof setTimeout> | undefined;

  /** `show` gets what was found; null: nothing is looked for. `fail` gets what went wrong. */
  constructor(
    private readonly asks: Asks,
    private readonly show: (found: Found | null) => void,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Another letter. */
  typed(text: string): void {
    this.stop();
    this.text = text.trim();
    if (this.text === "") {
      this.show(null);
      return;
    }
    this.pause = setTimeout(() => void this.look(true), PAUSE_MS);
    this.stays = setTimeout(() => void this.settle(), STAYS_MS);
  }

  /** That is what was meant: Enter, an answer that is used, or no letter for a while. */
  async settle(): Promise<void> {
    this.stop();
    if (this.text === "" || this.text === this.counted) return;
    this.counted = this.text;
    await this.look(false);
  }

  stop(): void {
    clearTimeout(this.pause);
    clearTimeout(this.stays);
  }

  private async look(typing: boolean): Promise<void> {
    const asked = this.text;
    try {
      const found = await this.asks(asked, typing);
      if (asked === this.text) this.show(found);
    } catch (error) {
      if (!typing) this.counted = "";
      if (asked === this.text) this.fail(error);
    }
  }
}
